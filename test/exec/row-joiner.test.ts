/** Rows of joins: every selection of columns of both sides. */
import t from 'tap';
import { rowJoiner } from '../../src/exec/row-joiner.js';

const LEFT = [1, 2, 3, 4, 5, 6];
const RIGHT = [11, 12, 13, 14, 15, 16];
const left = LEFT.map((id) => `l${id}`);
const right = RIGHT.map((id) => `r${id}`);

t.test('gives the wanted columns in their order', async (t) => {
  const all = [...LEFT, ...RIGHT];
  const values = [...left, ...right];
  for (let count = 0; count <= all.length; count++) {
    for (const step of [1, 5, 7]) {
      const places = Array.from({ length: count }, (_, i) => (i * step) % all.length);
      const joined = rowJoiner(
        LEFT,
        RIGHT,
        places.map((place) => all[place]),
      )(left, right);
      t.same(
        joined,
        places.map((place) => values[place]),
      );
    }
  }
});

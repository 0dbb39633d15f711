import t from 'tap';
import { likePattern } from '../../../src/sql/optimizer/pattern-selectivity.js';

t.test('a pattern without wildcards is a value', async (t) => {
  t.same(likePattern('a\\%b'), { prefix: 'a%b', isExact: true, rest: 1 });
});

t.test('what stands behind the first wildcard makes it rarer', async (t) => {
  t.same(likePattern('ab%'), { prefix: 'ab', isExact: false, rest: 1 });
  t.same(likePattern('%a'), { prefix: '', isExact: false, rest: 0.2 });
  t.equal(Math.round(likePattern('x_y%').rest * 1000), 900);
});

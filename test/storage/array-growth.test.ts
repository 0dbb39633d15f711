/** Arrays that grow while they are appended to keep what was in them, however seldom their growth is prepared. */
import t from 'tap';
import { ArrayGrowth } from '../../src/storage/array-growth.js';

const LIMIT = 1 << 20;

/** Appends numbers, and looks every `look` of them at what will soon be full. Returns the array and how often it has grown. */
function appended(count: number, look: number): { array: Float64Array; made: number } {
  let made = 0;
  const growth = new ArrayGrowth((length) => {
    made++;
    return new Float64Array(length);
  }, LIMIT);
  let array = new Float64Array(1000);
  for (let i = 0; i < count; i++) {
    if (i === array.length) array = growth.finish(array, i, 0);
    array[i] = i;
    if (i % look === 0) growth.prepare(array, i + 1);
  }
  return { array, made };
}

t.test('what was appended is there', async (t) => {
  for (const look of [1, 256, 100_000, Number.POSITIVE_INFINITY]) {
    for (const count of [900, 140_000, 700_000]) {
      const { array } = appended(count, look);
      let wrong = 0;
      for (let i = 0; i < count; i++) if (array[i] !== i) wrong++;
      t.equal(wrong, 0, `${count}, a look every ${look}`);
    }
  }
});

t.test('prepared room is used, and not made beyond the limit', async (t) => {
  t.equal(appended(230_000, 256).made, appended(230_000, Number.POSITIVE_INFINITY).made + 1, 'the next one is begun');
  const growth = new ArrayGrowth((length) => new Uint8Array(length), 1 << 18);
  const full = new Uint8Array(1 << 18).fill(7);
  growth.prepare(full, full.length);
  t.equal(growth.finish(full, full.length, 1 << 20).length, 1 << 20);
});

t.test('room for one large element, although less was prepared', async (t) => {
  const growth = new ArrayGrowth((length) => new Uint8Array(length), LIMIT);
  const array = new Uint8Array(300_000).fill(7);
  growth.prepare(array, 250_000);
  const grown = growth.finish(array, 290_000, 900_000);
  t.equal(grown.length, 900_000);
  t.ok(grown.subarray(0, 290_000).every((byte) => byte === 7));
});

t.test('what was forgotten is not taken for what is new', async (t) => {
  const growth = new ArrayGrowth((length) => new Uint8Array(length), LIMIT);
  const array = new Uint8Array(300_000).fill(7);
  growth.prepare(array, 250_000);
  growth.forget();
  array.fill(8);
  t.ok(
    growth
      .finish(array, 300_000, 0)
      .subarray(0, 300_000)
      .every((byte) => byte === 8),
  );
});

import t from 'tap';
import { decodePrepared, encodePrepared } from '../../../src/storage/prepared/prepared-form.js';
import type { PreparedState } from '../../../src/storage/prepared/prepared-state.js';

const EMPTY: PreparedState = {
  gid: '',
  xid: 3,
  owner: 10,
  database: 0,
  preparedAt: 0,
  tables: new Map(),
  objects: new Map(),
  rows: new Map(),
  uniqueIndexes: [],
  reads: null,
};

t.test('the state of a prepared transaction comes back as it was', async (t) => {
  const full: PreparedState = {
    gid: 'ümlaut "quoted" \u0001',
    xid: 4_000_000_000,
    owner: 16_400,
    database: 16384,
    preparedAt: 849_000_000_123_456,
    tables: new Map([
      [16_384, 0b1001],
      [1259, 0b1000],
    ]),
    objects: new Map([['advisory lock [5,0,7,1]', 1 << 6]]),
    rows: new Map([
      [
        16_384,
        new Map([
          [9, 2],
          [10, 2],
          [11, 3],
          [300, 0],
          [2 ** 40, 3],
        ]),
      ],
    ]),
    uniqueIndexes: [16_385],
    reads: {
      whole: new Set([20_000]),
      rows: new Map([[16_384, new Set([1, 2])]]),
      indexes: new Map([
        [
          16_385,
          {
            keys: new Set(['\u0001\u00ff\u0000k']),
            ranges: [
              { lo: '', hi: '\u0080' },
              { lo: 'x', hi: null },
            ],
          },
        ],
      ]),
    },
  };
  for (const state of [EMPTY, full]) t.same(decodePrepared(encodePrepared(state)), state);
});

t.test('neighbouring rows take little', async (t) => {
  const rows = new Map(Array.from({ length: 100_000 }, (_, i) => [100_000 - i, 2]));
  const bytes = encodePrepared({ ...EMPTY, rows: new Map([[16_384, rows]]) });
  t.ok(bytes.length < 300);
  t.equal(decodePrepared(bytes).rows.get(16_384)?.size, 100_000);
});

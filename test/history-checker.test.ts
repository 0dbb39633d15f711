/** The smallest history of each anomaly, the levels that do not allow it, and a legal one beside it that is allowed everywhere. */
import t from 'tap';
import {
  type AnomalyName,
  anomalyNames,
  findAnomalies,
  type Level,
  type Operation,
  type TransactionRecord,
} from './history-checker.js';
import { Graph } from './history-graph.js';

type Lists = Record<string, number[]>;

const LEVELS: readonly Level[] = ['read committed', 'repeatable read', 'serializable'];

const append = (key: string, value: number): Operation => ({ kind: 'append', key, value });
const undo = (keep: number): Operation => ({ kind: 'undo', keep });
const read = (lists: Lists, from?: number): Operation => ({
  kind: 'read',
  lists: new Map(Object.entries(lists)),
  from,
});

function transaction(
  id: number,
  outcome: TransactionRecord['outcome'],
  operations: Operation[],
  ended?: number,
): TransactionRecord {
  return { id, outcome, operations, ended };
}

const committed = (id: number, ...operations: Operation[]) => transaction(id, 'committed', operations);
const aborted = (id: number, ...operations: Operation[]) => transaction(id, 'aborted', operations);
const unknown = (id: number, ...operations: Operation[]) => transaction(id, 'unknown', operations);

interface Case {
  readonly name: string;
  readonly history: TransactionRecord[];
  readonly final: Lists;
  /** At READ COMMITTED, and at the others where it is not said otherwise. */
  readonly found: AnomalyName[];
  readonly repeatable?: AnomalyName[];
  readonly serializable?: AnomalyName[];
}

const legal = (name: string, history: TransactionRecord[], final: Lists): Case => ({ name, history, final, found: [] });

const VALUES: Case[] = [
  {
    name: 'a value that nobody wrote, read',
    history: [committed(1, read({ x: [7] }))],
    final: {},
    found: ['unwritten value'],
  },
  { name: 'a value that nobody wrote, at the end', history: [], final: { x: [7] }, found: ['unwritten value'] },
  legal('a value that somebody wrote', [committed(2, append('x', 7)), committed(1, read({ x: [7] }))], { x: [7] }),
  {
    name: 'an append under another key, read',
    history: [committed(1, append('x', 1)), committed(2, read({ y: [1] }))],
    final: { x: [1] },
    found: ['misplaced append'],
  },
  {
    name: 'an append under another key, at the end',
    history: [committed(1, append('x', 1))],
    final: { y: [1] },
    found: ['lost append', 'misplaced append'],
  },
  legal('appends to two keys', [committed(1, append('x', 1), append('y', 2)), committed(2, read({ x: [1], y: [2] }))], {
    x: [1],
    y: [2],
  }),
  {
    name: 'an append that was applied twice, at the end',
    history: [committed(1, append('x', 1))],
    final: { x: [1, 1] },
    found: ['duplicate append'],
  },
  {
    name: 'an append that was applied twice, with another one between',
    history: [committed(1, append('x', 1)), committed(2, append('x', 2))],
    final: { x: [1, 2, 1] },
    found: ['G0', 'duplicate append'],
  },
  {
    name: 'an append that was applied twice, read by another one',
    history: [committed(1, append('x', 1)), aborted(2, read({ x: [1, 1] }))],
    final: { x: [1] },
    found: ['duplicate append'],
  },
  {
    name: 'an append that was applied twice, read by itself',
    history: [committed(1, append('x', 1), read({ x: [1, 1] }))],
    final: { x: [1] },
    found: ['duplicate append'],
  },
  legal('two appends to a list', [committed(1, append('x', 1), append('x', 2))], { x: [1, 2] }),
  {
    name: 'a lost append',
    history: [committed(1, append('x', 1), append('y', 2))],
    final: { x: [1] },
    found: ['lost append'],
  },
  legal('an append that was rolled back', [committed(1, append('x', 1)), aborted(2, append('x', 2))], { x: [1] }),
  legal('an append that was rolled back to a savepoint', [committed(1, append('x', 1), append('x', 2), undo(1))], {
    x: [1],
  }),
  {
    name: 'an append of an aborted one',
    history: [aborted(1, append('x', 1))],
    final: { x: [1] },
    found: ['aborted write'],
  },
  {
    name: 'an append that had been rolled back to a savepoint',
    history: [committed(1, append('x', 1), append('x', 2), undo(1))],
    final: { x: [1, 2] },
    found: ['aborted write'],
  },
  legal('an unknown end, committed', [unknown(1, append('x', 1), append('y', 2)), committed(2, read({ x: [1] }))], {
    x: [1],
    y: [2],
  }),
  legal('an unknown end, aborted', [unknown(1, append('x', 1), append('y', 2))], {}),
  {
    name: 'an unknown end, half there',
    history: [unknown(1, append('x', 1), append('y', 2))],
    final: { x: [1] },
    found: ['lost append'],
  },
  {
    name: 'an unknown end that was seen and is not there',
    history: [unknown(1, append('x', 1)), aborted(2, read({ x: [1] }))],
    final: {},
    found: ['aborted read'],
  },
];

const READS: Case[] = [
  {
    name: 'G1a: a value of an aborted one',
    history: [aborted(1, append('x', 1)), committed(2, read({ x: [1] }))],
    final: {},
    found: ['aborted read'],
  },
  {
    name: 'G1a of a reader that aborts itself',
    history: [aborted(1, append('x', 1)), aborted(2, read({ x: [1] }))],
    final: {},
    found: ['aborted read'],
  },
  {
    name: 'G1a: a value that was rolled back to a savepoint',
    history: [committed(1, append('x', 1), undo(0)), committed(2, read({ x: [1] }))],
    final: {},
    found: ['aborted read'],
  },
  {
    name: 'G1b: an intermediate state',
    history: [committed(1, append('x', 1), append('x', 2)), committed(2, read({ x: [1] }))],
    final: { x: [1, 2] },
    found: ['intermediate read'],
  },
  legal(
    'G1b: the last state, although more was undone',
    [committed(1, append('x', 1), append('x', 2), undo(1)), committed(2, read({ x: [1] }))],
    { x: [1] },
  ),
  {
    name: 'incompatible orders of a key',
    history: [
      committed(1, append('x', 1)),
      committed(2, append('x', 2)),
      committed(3, read({ x: [1, 2] })),
      committed(4, read({ x: [2, 1] })),
    ],
    final: { x: [1, 2] },
    found: ['incompatible order'],
  },
  {
    name: 'an incompatible order seen by an aborted one',
    history: [committed(1, append('x', 1)), committed(2, append('x', 2)), aborted(3, read({ x: [2] }))],
    final: { x: [1, 2] },
    found: ['incompatible order'],
  },
  legal(
    'prefixes of one order',
    [
      committed(1, append('x', 1)),
      committed(2, append('x', 2)),
      committed(3, read({ x: [1] })),
      aborted(4, read({ x: [1, 2] })),
    ],
    { x: [1, 2] },
  ),
  {
    name: 'internal: own append not seen',
    history: [committed(1, append('x', 1), read({ x: [] }))],
    final: { x: [1] },
    found: ['internal'],
  },
  {
    name: 'internal: own append not seen by one that aborts',
    history: [committed(2, append('x', 2)), aborted(1, append('x', 1), read({ x: [2] }))],
    final: { x: [2] },
    found: ['internal'],
  },
  {
    name: 'internal: own append seen before it was made',
    history: [committed(1, read({ x: [1] }), append('x', 1))],
    final: { x: [1] },
    found: ['internal'],
  },
  {
    name: 'internal: own append seen after ROLLBACK TO',
    history: [committed(1, append('x', 1), undo(0), read({ x: [1] }))],
    final: {},
    found: ['internal'],
  },
  {
    name: "another one's append behind own",
    history: [committed(1, append('x', 1), read({ x: [1, 2] })), committed(2, append('x', 2))],
    final: { x: [1, 2] },
    found: ['internal'],
  },
  {
    name: 'own append on another state than the one in the end',
    history: [committed(2, append('x', 2)), committed(1, append('x', 1), read({ x: [1] }))],
    final: { x: [2, 1] },
    found: ['incompatible order'],
    repeatable: ['incompatible order', 'lost update'],
  },
  legal(
    'own appends, undone ones and others',
    [
      committed(1, append('x', 1)),
      committed(
        2,
        append('x', 2),
        append('x', 3),
        read({ x: [1, 2, 3] }),
        undo(1),
        read({ x: [1, 2] }),
        append('x', 4),
      ),
      aborted(3, append('x', 5), read({ x: [1, 2, 4, 5] })),
    ],
    { x: [1, 2, 4] },
  ),
  {
    name: 'a stale read',
    history: [transaction(1, 'committed', [append('x', 1)], 5), committed(2, read({ x: [] }, 6))],
    final: { x: [1] },
    found: ['stale read'],
  },
  legal(
    'a read that began before the end',
    [transaction(1, 'committed', [append('x', 1)], 6), committed(2, read({ x: [] }, 5))],
    { x: [1] },
  ),
];

/** 1 and 2 each read what the other one appends to. */
const SKEW = [committed(1, read({ x: [] }), append('y', 1)), committed(2, read({ y: [] }), append('x', 2))];
const READ_X_THEN_Y = [committed(1, append('x', 1), append('y', 2)), committed(2, read({ x: [] }), read({ y: [2] }))];

const CYCLES: Case[] = [
  {
    name: 'G0: two write two keys in different orders',
    history: [committed(1, append('x', 1), append('y', 2)), committed(2, append('x', 3), append('y', 4))],
    final: { x: [1, 3], y: [4, 2] },
    found: ['G0'],
  },
  legal(
    'two write two keys in one order',
    [committed(1, append('x', 1), append('y', 2)), committed(2, append('x', 3), append('y', 4))],
    {
      x: [1, 3],
      y: [2, 4],
    },
  ),
  {
    name: 'G1c: each has read what the other one wrote',
    history: [committed(1, append('x', 1), read({ y: [2] })), committed(2, append('y', 2), read({ x: [1] }))],
    final: { x: [1], y: [2] },
    found: ['G1c'],
  },
  legal(
    'one has read what the other one wrote',
    [committed(1, append('x', 1), read({ y: [] })), committed(2, append('y', 2), read({ x: [1] }))],
    {
      x: [1],
      y: [2],
    },
  ),
  {
    name: 'half a transaction seen by one statement',
    history: [committed(1, append('x', 1), append('y', 2)), committed(2, read({ x: [], y: [2] }))],
    final: { x: [1], y: [2] },
    found: ['statement skew'],
    repeatable: ['G-single'],
  },
  {
    name: 'half a transaction seen by one statement of one that aborts',
    history: [committed(1, append('x', 1), append('y', 2)), aborted(2, read({ x: [], y: [2] }))],
    final: { x: [1], y: [2] },
    found: ['statement skew'],
    repeatable: ['G-single'],
  },
  {
    name: 'G-single: half a transaction seen by two statements',
    history: READ_X_THEN_Y,
    final: { x: [1], y: [2] },
    found: [],
    repeatable: ['G-single'],
  },
  {
    name: 'G-single of one that aborts',
    history: [READ_X_THEN_Y[0], { ...READ_X_THEN_Y[1], outcome: 'aborted' }],
    final: { x: [1], y: [2] },
    found: [],
    repeatable: ['G-single'],
  },
  {
    name: 'a read that another one of the same transaction does not repeat',
    history: [committed(1, append('x', 1)), committed(2, read({ x: [] }), read({ x: [1] }))],
    final: { x: [1] },
    found: [],
    repeatable: ['G-single'],
  },
  legal(
    'all of a transaction, or nothing',
    [
      committed(1, append('x', 1), append('y', 2)),
      committed(2, read({ x: [] }), read({ y: [] })),
      committed(3, read({ x: [1], y: [2] })),
    ],
    {
      x: [1],
      y: [2],
    },
  ),
  {
    name: 'a lost update',
    history: [committed(1, read({ x: [] }), append('x', 1)), committed(2, read({ x: [] }), append('x', 2))],
    final: { x: [1, 2] },
    found: [],
    repeatable: ['G-single', 'lost update'],
  },
  legal(
    'an update of what was read',
    [
      committed(1, read({ x: [] }), append('x', 1)),
      committed(2, read({ x: [1] }), append('x', 2), read({ x: [1, 2] })),
    ],
    {
      x: [1, 2],
    },
  ),
  legal(
    'an update that failed',
    [committed(1, read({ x: [] }), append('x', 1)), aborted(2, read({ x: [] }), append('x', 2))],
    {
      x: [1],
    },
  ),
  { name: 'G2: write skew', history: SKEW, final: { x: [2], y: [1] }, found: [], serializable: ['G2'] },
  {
    name: 'G2: a read-only transaction that shows it',
    history: [
      committed(1, read({ x: [], y: [] }), append('x', 1)),
      committed(2, append('y', 2)),
      committed(3, read({ x: [], y: [2] })),
    ],
    final: { x: [1], y: [2] },
    found: [],
    serializable: ['G2'],
  },
  legal(
    'a read-only transaction that shows it, and aborts',
    [
      committed(1, read({ x: [], y: [] }), append('x', 1)),
      committed(2, append('y', 2)),
      aborted(3, read({ x: [], y: [2] })),
    ],
    { x: [1], y: [2] },
  ),
  legal('half a write skew', [SKEW[0], committed(2, read({ y: [1] }), append('x', 2))], { x: [2], y: [1] }),
];

function expected(one: Case, level: Level): AnomalyName[] {
  if (level === 'read committed') return one.found;
  const repeatable = one.repeatable ?? one.found;
  return level === 'serializable' ? (one.serializable ?? repeatable) : repeatable;
}

for (const [what, cases] of Object.entries({ values: VALUES, reads: READS, cycles: CYCLES })) {
  t.test(what, async (t) => {
    for (const one of cases) {
      for (const level of LEVELS) {
        const found = findAnomalies(one.history, new Map(Object.entries(one.final)), level);
        t.same(anomalyNames(found), [...expected(one, level)].sort(), `${level}: ${one.name}`);
      }
    }
  });
}

t.test('what is said of an anomaly', async (t) => {
  const found = findAnomalies(SKEW, new Map(Object.entries({ x: [2], y: [1] })), 'serializable');
  t.same(found, [{ name: 'G2', text: 'T1 -rw x-> T2 -rw y-> T1' }]);
  t.throws(() => findAnomalies([committed(1, append('x', 1), append('y', 1))], new Map(), 'serializable'), {
    message: 'the history appends 1 twice',
  });
});

t.test('cycles of graphs', async (t) => {
  const long = new Graph();
  for (let i = 0; i < 50_000; i++) long.add(String(i), String(i + 1), '->');
  t.equal(long.cycle(), null, 'a long way');
  long.add('50000', '49990', '=>');
  t.match(long.cycle(), /^49990 -> 49991 .* 50000 => 49990$/);
  const self = new Graph();
  self.add('a', 'a', '->');
  t.equal(self.cycle(), 'a -> a');
  const tail = new Graph();
  for (let i = 0; i < 300; i++) tail.add(`b${i}`, `b${(i + 1) % 2 === 0 ? i - 1 : i + 1}`, '->');
  t.equal(tail.cycle(), 'b0 -> b1 -> b0');
});

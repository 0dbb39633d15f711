/** The smallest history of each cycle, the levels that do not allow it, and a legal one beside it that is allowed everywhere. */
import t from 'tap';
import { findAnomalies } from './history-checker.js';
import { Graph } from './history-graph.js';
import { aborted, append, type Case, checkCases, committed, legal, read } from './small-histories.js';

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

t.test('cycles', async (t) => checkCases(t, CYCLES));

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

/**
 * The smallest history of each anomaly that values and single reads show, the levels that do not allow it, and a legal one
 * beside it that is allowed everywhere. Cycles: `history-cycles.test.ts`.
 */
import t from 'tap';
import {
  aborted,
  append,
  type Case,
  checkCases,
  committed,
  cutOff,
  legal,
  read,
  transaction,
  undo,
  unknown,
} from './small-histories.js';

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
  legal(
    'a value that went with the server, seen by one that went as well',
    [cutOff(unknown(1, append('x', 1))), cutOff(aborted(2, append('x', 2), read({ x: [1, 2] })))],
    {},
  ),
  {
    name: 'a value that went with the server, seen by one that stayed',
    history: [cutOff(unknown(1, append('x', 1))), cutOff(unknown(2, read({ x: [1] }), append('y', 2)))],
    final: { y: [2] },
    found: ['aborted read'],
  },
  {
    name: 'a value that was rolled back, seen by one that went with the server',
    history: [aborted(1, append('x', 1)), cutOff(aborted(2, read({ x: [1] })))],
    final: {},
    found: ['aborted read'],
  },
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

t.test('values', async (t) => checkCases(t, VALUES));
t.test('reads', async (t) => checkCases(t, READS));

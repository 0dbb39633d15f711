/** Runs of index entries against a model: what counts of an entry that was written many times, look-ups, ranges in both directions. */
import fc from 'fast-check';
import t from 'tap';
import type { RowId } from '../../src/storage/api.js';
import { EntryRun, marked } from '../../src/storage/entry-run.js';
import { EntryRuns, HAD, HAS, readCandidates } from '../../src/storage/entry-runs.js';
import { PackedEntries } from '../../src/storage/packed-entries.js';
import type { IndexPosition } from '../../src/storage/storage-reader.js';
import { runTask } from '../../src/util/task.js';
import { TemporaryFiles } from '../../src/util/temporary-files.js';

type Entry = readonly [key: string, rowId: RowId];

const KEYS = ['', 'a', 'ab', 'b\u00ff', 'c', ...Array.from({ length: 40 }, (_, i) => `k${i % 13}-${i}`)];
const files = new TemporaryFiles(t.testdir(), 4);

const nameOf = ([key, rowId]: Entry): string => `${key}\u0000${String(rowId).padStart(5, '0')}`;

/** Entries that a command writes, by their numbers; each is put if it is not there, and taken out if it is. */
const commands = fc.array(fc.uniqueArray(fc.nat(899), { maxLength: 400 }), { minLength: 1, maxLength: 12 });
const cuts = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });

const entryOf = (number: number): Entry => [KEYS[number % KEYS.length], 1 + ((number * 7) % 900)];

interface Made {
  readonly runs: EntryRuns;
  /** Every entry that was written, with whether it was there before and is there now. */
  readonly states: Map<string, { readonly entry: Entry; readonly had: boolean; has: boolean }>;
}

async function make(history: readonly (readonly number[])[], isCut: readonly boolean[]): Promise<Made> {
  const file = files.make();
  t.teardown(() => file.close());
  const runs = new EntryRuns();
  const states: Made['states'] = new Map();
  let marks = new Map<string, { readonly entry: Entry; mark: number }>();
  for (const [i, numbers] of history.entries()) {
    for (const number of numbers) {
      const entry = entryOf(number);
      const name = nameOf(entry);
      const had = number % 2 === 0;
      const state = states.get(name) ?? { entry, had, has: had };
      states.set(name, state);
      const known = marks.get(name) ?? { entry, mark: state.has ? HAD : 0 };
      marks.set(name, known);
      state.has = !state.has;
      known.mark = (known.mark & HAD) | (state.has ? HAS : 0);
    }
    if ((!isCut[i] && i < history.length - 1) || marks.size === 0) continue;
    const packed = new PackedEntries();
    for (const { entry, mark } of marks.values()) packed.add(entry[0], marked(entry[1], mark));
    runs.add(await runTask(EntryRun.write(packed, file, true)));
    marks = new Map();
  }
  return { runs, states };
}

const inOrder = (entries: Iterable<Entry>): Entry[] =>
  [...entries].sort((a, b) => (a[0] !== b[0] ? (a[0] < b[0] ? -1 : 1) : a[1] - b[1]));

function allCandidates(runs: EntryRuns, descending: boolean): Entry[] {
  const found: Entry[] = [];
  let low: IndexPosition = { key: '', rowId: 0 };
  let end: IndexPosition = { key: null, rowId: 0 };
  for (;;) {
    const part = readCandidates(runs.runs, low, end, descending);
    const entries = part.entries.map(({ key, rowId }): Entry => [key, rowId]);
    if (descending) {
      found.unshift(...entries);
      if (part.low === low) return found;
      end = part.low;
    } else {
      found.push(...entries);
      if (part.end === end) return found;
      low = part.end;
    }
  }
}

t.test('what counts, and what is found', async (t) => {
  await fc.assert(
    fc.asyncProperty(commands, cuts, async (history, isCut) => {
      const { runs, states } = await make(history, isCut);
      const changed = [...states.values()].filter(({ had, has }) => had !== has);
      t.same(
        [...runs.changes()].map(({ key, rowId, put }) => [key, rowId, put]),
        inOrder(changed.map(({ entry }) => entry)).map((entry) => [...entry, states.get(nameOf(entry))?.has]),
      );
      t.equal(
        runs.difference,
        changed.reduce((sum, { has }) => sum + (has ? 1 : -1), 0),
      );
      const all = inOrder([...states.values()].map(({ entry }) => entry));
      t.same(allCandidates(runs, false), all, 'upwards');
      t.same(allCandidates(runs, true), all, 'downwards');
      for (const { entry, had, has } of states.values()) {
        const [key, rowId] = entry;
        const change = runs.changeOf(key, rowId);
        if (change?.put !== (had === has ? undefined : has)) throw new Error(`${entry}: ${JSON.stringify(change)}`);
        if (!runs.has(key)) throw new Error(`${key} is not found`);
      }
      const known = new Set(all.map(([key]) => key));
      for (const key of [...KEYS, 'zz', 'k', 'ac']) if (runs.has(key) !== known.has(key)) throw new Error(key);
    }),
    { numRuns: 60 },
  );
});

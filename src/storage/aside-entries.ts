/**
 * Moves a large transaction's changed index entries to its temporary file, as runs (entry-runs.ts). They leave the write
 * set; their keys stay taken in unique indexes, because others look into the runs as well.
 */
import { failpoint } from '../util/failpoint.js';
import { GIVE_WAY, type Task } from '../util/task.js';
import type { TemporaryFile } from '../util/temporary-file.js';
import { EntryRun, marked } from './entry-run.js';
import { EntryRuns } from './entry-runs.js';
import type { IndexWrites } from './index-writes.js';
import { PackedEntries } from './packed-entries.js';
import type { StoreTransaction } from './transaction.js';
import type { Revert } from './write-set.js';

/** Keys looked at before the event loop gets a turn. */
const KEYS_AT_ONCE = 4096;

class RunRevert implements Revert {
  readonly spilled = false;

  constructor(
    private readonly runs: EntryRuns,
    private readonly run: EntryRun,
  ) {}

  revert(): void {
    this.runs.drop(this.run);
  }
}

/** Sets the entries aside that were made by commands from `floor` on. Returns whether there were any. */
export function* setEntriesAside(
  transaction: StoreTransaction,
  writes: IndexWrites,
  file: TemporaryFile,
  floor: number,
): Task<boolean> {
  let found = floor === 0 && (yield* setRemovedAside(transaction, writes, file));
  for (let more = true; more; ) {
    const packed = new PackedEntries();
    const add = addTo(packed);
    const keys: string[] = [];
    const pack = writes.newPack();
    let work = 0;
    more = false;
    for (const [key, first] of writes.byKey) {
      if (++work % KEYS_AT_ONCE === 0) yield GIVE_WAY;
      if (writes.pack(key, first, floor, pack, add)) keys.push(key);
      more = packed.isFull;
      if (more) break;
    }
    if (keys.length === 0) break;
    found = true;
    const run = packed.count === 0 ? null : yield* EntryRun.write(packed, file, true);
    failpoint('after-entries-aside');
    // First of all: whoever cancels this in between leaves entries twice, not lost.
    if (run !== null) addRun(transaction, writes, run);
    // Without a savepoint nothing is left, and nothing could be reverted.
    if (floor === 0 && !more) writes.takeAll();
    else {
      for (const key of keys) {
        if (++work % KEYS_AT_ONCE === 0) yield GIVE_WAY;
        writes.takePacked(key, pack);
      }
    }
  }
  return found;
}

/** Of deleted rows. Not of any savepoint: those have no such entries. */
function* setRemovedAside(transaction: StoreTransaction, writes: IndexWrites, file: TemporaryFile): Task<boolean> {
  const { removed } = writes;
  if (removed === null) return false;
  for (const { packed } of removed) {
    addRun(transaction, writes, yield* EntryRun.write(packed, file, true));
    failpoint('after-entries-aside');
  }
  writes.removed = null;
  return true;
}

/** Takes an entry, unless there is no room for it. */
function addTo(packed: PackedEntries): (key: string, rowId: number, mark: number) => boolean {
  return (key, rowId, mark) => {
    if (packed.isFull) return false;
    packed.add(key, marked(rowId, mark));
    return true;
  };
}

function addRun(transaction: StoreTransaction, writes: IndexWrites, run: EntryRun): void {
  writes.runs ??= new EntryRuns();
  const { runs, index } = writes;
  runs.add(run);
  index.unique.setAside(transaction, runs);
  transaction.log?.push(new RunRevert(runs, run));
}

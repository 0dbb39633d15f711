/**
 * The changed entries of one index that a transaction has set aside: runs, the later ones of later commands. An entry may
 * be in several. What counts is whether it was there before the first, and is there after the last.
 */
import type { RowId } from './api.js';
import { earlier } from './entry-position.js';
import type { EntryRun, EntryRunReader } from './entry-run.js';
import type { EntryChange } from './index-leaf.js';
import { SourceHeap } from './source-heap.js';
import type { IndexPosition } from './storage-reader.js';

/** Marks: the entry was there before, and is there afterwards. */
export const HAD = 1;
export const HAS = 2;

/** Candidates given at once: about a leaf. */
const CANDIDATES = 512;
const MIN_CANDIDATES = 32;

/** Entries from `low` on that are before `end`, in order. */
export interface Candidates {
  readonly entries: readonly { readonly key: string; readonly rowId: RowId }[];
  readonly low: IndexPosition;
  readonly end: IndexPosition;
}

export class EntryRuns {
  readonly runs: EntryRun[] = [];
  /** Keys of a unique index are among them, and taken until the transaction ends. */
  reserves = false;
  /** By how much the commit changes the number of entries. Known when all changes were gone through. */
  difference = 0;

  add(run: EntryRun): void {
    this.runs.push(run);
  }

  /** It was rolled back. */
  drop(run: EntryRun): void {
    this.runs.splice(this.runs.indexOf(run), 1);
  }

  /** Whether an entry of the key may be among them. Reads nothing. */
  mayHave(key: string): boolean {
    for (const run of this.runs) if (run.mayHave(key)) return true;
    return false;
  }

  has(key: string): boolean {
    for (const run of this.runs) if (run.has(key)) return true;
    return false;
  }

  /** Whether an entry of a key from `lo` on that is before `hi` (null: the end) is among them. */
  hasBetween(lo: string, hi: string | null): boolean {
    const from = { key: lo, rowId: 0 };
    const to = { key: hi, rowId: 0 };
    return this.runs.some((run) => run.before(from) < run.before(to));
  }

  /** What becomes of an entry; null: nothing. */
  changeOf(key: string, rowId: RowId): EntryChange | null {
    let first = -1;
    let last = -1;
    for (const run of this.runs) {
      const mark = run.markOf(key, rowId);
      if (mark < 0) continue;
      if (first < 0) first = mark;
      last = mark;
    }
    return first < 0 ? null : netChange(key, rowId, first, last);
  }

  /** All changes that count, in order. */
  *changes(): Iterable<EntryChange> {
    const heap = new SourceHeap(this.runs.map((run, i): EntryRunReader => run.reader(i)));
    let difference = 0;
    for (let source = heap.first; source !== undefined; source = heap.first) {
      const { key, rowId, mark } = source;
      let last = mark;
      heap.advance();
      for (let same = heap.first; same?.rowId === rowId && same.key === key; same = heap.first) {
        last = same.mark;
        heap.advance();
      }
      const change = netChange(key, rowId, mark, last);
      if (change === null) continue;
      difference += change.put ? 1 : -1;
      yield change;
    }
    this.difference = difference;
  }
}

function netChange(key: string, rowId: RowId, first: number, last: number): EntryChange | null {
  const had = (first & HAD) !== 0;
  const has = (last & HAS) !== 0;
  return had === has ? null : { key, rowId, put: has };
}

/**
 * Entries of the runs from `low` to `end`, whatever becomes of them: the first ones or, `descending`, the last ones. The
 * range that is given back is the one of which these are all.
 */
export function readCandidates(
  runs: readonly EntryRun[],
  low: IndexPosition,
  end: IndexPosition,
  descending: boolean,
): Candidates {
  const limit = Math.max(MIN_CANDIDATES, Math.floor(CANDIDATES / Math.max(1, runs.length)));
  const ranges: { readonly run: EntryRun; from: number; to: number }[] = [];
  for (const run of runs) {
    const range = { run, from: run.before(low), to: run.before(end) };
    if (range.to <= range.from) continue;
    ranges.push(range);
    if (range.to - range.from <= limit) continue;
    if (descending) {
      range.from = range.to - limit;
      const first = run.positionOf(range.from);
      if (earlier(low, first)) low = first;
    } else {
      range.to = range.from + limit;
      const next = run.positionOf(range.to);
      if (earlier(next, end)) end = next;
    }
  }
  const entries: { key: string; rowId: RowId }[] = [];
  for (const { run, from, to } of ranges) {
    for (let at = from; at < to; at++) {
      const entry = run.positionOf(at);
      if (!earlier(entry, low) && earlier(entry, end)) entries.push(entry);
    }
  }
  if (ranges.length > 1) entries.sort((a, b) => (earlier(a, b) ? -1 : earlier(b, a) ? 1 : 0));
  return { entries: entries.filter((entry, i) => i === 0 || earlier(entries[i - 1], entry)), low, end };
}

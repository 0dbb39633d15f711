/**
 * Finds the rows for the queries of a gin index: ascending row ids, which are candidates. Items that must all be there are
 * read in step, so that the rarest of them bounds the work.
 */
import type { Index, IndexRange, IndexScan, RowId } from '../../storage/api.js';
import type { Task } from '../../util/task.js';
import type { ExecContext } from '../exec-context.js';
import { HeldMemory } from '../held-memory.js';
import { columnRange, itemKey, keyRange, noItemsKey } from './gin-key.js';
import type { GinQuery } from './gin-opclass.js';

/** Candidates that are rather looked at than narrowed down by further items. */
const FEW = 256;
const ROW_ID_BYTES = 8;

/** A query with its column: ranges of keys, and how their rows are combined. */
type Plan =
  | { readonly kind: 'range'; readonly range: IndexRange }
  | { readonly kind: 'and' | 'or'; readonly args: readonly Plan[] };

export class GinSearch {
  private readonly memory: HeldMemory;

  constructor(
    private readonly cx: ExecContext,
    private readonly index: Index,
  ) {
    this.memory = new HeldMemory(cx);
  }

  /** The rows that satisfy the query of every column. @throws SqlError 53200 */
  *find(columns: ReadonlyMap<number, GinQuery>): Task<readonly RowId[]> {
    const limiting = [...columns].filter(([, query]) => query.kind !== 'any row');
    const plans = (limiting.length > 0 ? limiting : [...columns].slice(0, 1)).map(([column, query]) =>
      plan(column, query),
    );
    return yield* this.run(plans.length === 1 ? plans[0] : { kind: 'and', args: plans });
  }

  /** Gives back what is held for the rows that were found. */
  release(): void {
    this.memory.release();
  }

  private *run(wanted: Plan): Task<number[]> {
    if (wanted.kind === 'range') return yield* this.read([wanted.range]);
    if (wanted.kind === 'or') {
      let all: number[] = [];
      for (const arg of wanted.args) all = union(all, yield* this.run(arg));
      return all;
    }
    const ranges = wanted.args.flatMap((arg) => (arg.kind === 'range' ? [arg.range] : []));
    const others = wanted.args.filter(({ kind }) => kind !== 'range');
    let found = ranges.length > 0 ? yield* this.read(ranges) : yield* this.run(others[0]);
    for (const arg of ranges.length > 0 ? others : others.slice(1)) {
      if (found.length <= FEW) break;
      found = intersection(found, yield* this.run(arg));
    }
    return found;
  }

  /** The rows that are in all of the ranges. */
  private *read(ranges: readonly IndexRange[]): Task<number[]> {
    const { cx, index } = this;
    const readers = ranges.map((range) => new RangeReader(index.scan(cx.snapshot, range, false)));
    try {
      let shortest: RangeReader | undefined;
      while (shortest === undefined) {
        for (const reader of readers) {
          if (cx.overdue()) yield cx.giveWay();
          this.memory.add((yield* reader.advance()) * ROW_ID_BYTES);
          if (reader.isAtEnd) shortest ??= reader;
        }
      }
      let found = ascending(shortest.rowIds);
      for (const reader of readers) {
        if (reader === shortest) continue;
        if (found.length <= FEW) break;
        while (!reader.isAtEnd) {
          if (cx.overdue()) yield cx.giveWay();
          this.memory.add((yield* reader.advance()) * ROW_ID_BYTES);
        }
        found = intersection(found, ascending(reader.rowIds));
      }
      return found;
    } finally {
      for (const reader of readers) reader.close();
    }
  }
}

class RangeReader {
  readonly rowIds: number[] = [];
  isAtEnd = false;

  constructor(private readonly scan: IndexScan) {}

  /** Reads on; returns how many entries came. */
  *advance(): Task<number> {
    const batch = yield* this.scan.next();
    if (batch === null) {
      this.isAtEnd = true;
      return 0;
    }
    for (let i = 0; i < batch.length; i++) this.rowIds.push(batch.rowIds[i]);
    return batch.length;
  }

  close(): void {
    this.scan.close();
  }
}

function plan(column: number, query: GinQuery): Plan {
  switch (query.kind) {
    case 'item':
      return { kind: 'range', range: keyRange(itemKey(column, query.item)) };
    case 'no items':
      return { kind: 'range', range: keyRange(noItemsKey(column)) };
    case 'any row':
      return { kind: 'range', range: columnRange(column) };
    default:
      return { kind: query.kind, args: query.args.map((arg) => plan(column, arg)) };
  }
}

/** In order and without repetitions. */
function ascending(rowIds: number[]): number[] {
  let isOrdered = true;
  for (let i = 1; i < rowIds.length && isOrdered; i++) isOrdered = rowIds[i - 1] < rowIds[i];
  return isOrdered ? rowIds : [...new Set(rowIds)].sort((a, b) => a - b);
}

function intersection(a: readonly number[], b: readonly number[]): number[] {
  const both: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length && j < b.length; i++) {
    while (j < b.length && b[j] < a[i]) j++;
    if (b[j] === a[i]) both.push(a[i]);
  }
  return both;
}

function union(a: readonly number[], b: readonly number[]): number[] {
  const all: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const next = j >= b.length || a[i] <= b[j] ? a[i++] : b[j++];
    if (all.length === 0 || all[all.length - 1] !== next) all.push(next);
  }
  return all;
}

/**
 * Sets of rows as a part of a history that `history-checker.ts` can check: rows are inserted into groups, deleted, and read
 * by ranges of groups. Each row becomes a list of its own: inserting it appends to the list, deleting it appends a mark. A
 * range read is a read of the lists of all rows that could be in it, so that phantoms are rw dependencies like others.
 *
 * A row that was not seen was either not there yet or there no more. The ticks tell which; a row for which they do not is
 * left out of that read.
 */
import { type Anomaly, type Level, liveAppends, type TransactionRecord } from './history-checker.js';

interface Row {
  readonly group: number;
  readonly value: number;
  readonly inserter: TransactionRecord;
  readonly deletions: { readonly by: TransactionRecord; readonly mark: number }[];
}

interface RangeRead {
  readonly record: TransactionRecord;
  /** The number of the operation that `lists` belongs to. */
  readonly at: number;
  readonly lists: Map<string, readonly number[]>;
  readonly range: Range;
  readonly seen: ReadonlySet<number>;
}

/** Groups from `low` to below `high`; the snapshot was taken between the ticks `from` and `to`. */
export interface Range {
  readonly low: number;
  readonly high: number;
  readonly from: number;
  readonly to: number;
}

export class MemberHistory {
  private readonly rows = new Map<number, Row>();
  private readonly reads: RangeRead[] = [];
  private readonly anomalies: Anomaly[] = [];
  private readonly noted = new Set<TransactionRecord>();
  /** Values and marks that committed transactions have appended. */
  private readonly committed = new Set<number>();

  /** Called before the INSERT: its end may remain unknown. */
  inserts(record: TransactionRecord, group: number, value: number): void {
    this.rows.set(value, { group, value, inserter: record, deletions: [] });
    record.operations.push({ kind: 'append', key: keyOf(value), value });
  }

  /** Called when a DELETE has found the row. `mark` is used for nothing else in the history. */
  hasDeleted(record: TransactionRecord, value: number, mark: number): void {
    const row = this.rows.get(value);
    if (row === undefined) {
      this.anomalies.push({ name: 'unwritten value', text: `${record.id} has deleted ${value}` });
      return;
    }
    row.deletions.push({ by: record, mark });
    record.operations.push({ kind: 'append', key: keyOf(value), value: mark });
  }

  hasRead(record: TransactionRecord, range: Range, values: readonly number[]): void {
    const lists = new Map<string, readonly number[]>();
    const text = `${record.id} has read [${values}] in groups ${range.low} to ${range.high}`;
    const seen = new Set(values);
    if (seen.size < values.length) this.anomalies.push({ name: 'duplicate append', text });
    for (const value of values) {
      const row = this.rows.get(value);
      const isWithin = row !== undefined && row.group >= range.low && row.group < range.high;
      if (!isWithin)
        this.anomalies.push({ name: row ? 'misplaced append' : 'unwritten value', text: `${text}: ${value}` });
    }
    this.reads.push({ record, at: record.operations.length, lists, range, seen });
    record.operations.push({ kind: 'read', lists, from: range.from });
  }

  /** `first` and `second` are the numbers of rows that two reads of one range have found, with no own change between. */
  hasCounted(record: TransactionRecord, level: Level, first: number, second: number): void {
    if (level === 'read committed' || first === second) return;
    this.anomalies.push({ name: 'phantom', text: `${record.id} has counted ${first} and ${second} rows of a range` });
  }

  /**
   * Completes the reads, and adds the rows' lists to `final`. Call once, when no outcome is unknown any more.
   * `present`: rows that are there at the end. Returns what is wrong at first sight.
   */
  complete(present: ReadonlySet<number>, final: Map<string, readonly number[]>): Anomaly[] {
    for (const { inserter, deletions } of this.rows.values()) {
      for (const record of [inserter, ...deletions.map(({ by }) => by)]) this.note(record);
    }
    const marks = new Map<number, number>();
    for (const { value, deletions } of this.rows.values()) {
      const mark = deletions.find((deletion) => this.committed.has(deletion.mark))?.mark;
      if (mark !== undefined) marks.set(value, mark);
      if (present.has(value)) final.set(keyOf(value), [value]);
      else final.set(keyOf(value), mark === undefined ? [] : [value, mark]);
    }
    for (const value of present) {
      if (!this.rows.has(value)) this.anomalies.push({ name: 'unwritten value', text: `${value} is there at the end` });
    }
    for (const read of this.reads) this.completeRead(read, marks);
    return this.anomalies;
  }

  private note(record: TransactionRecord): void {
    if (this.noted.has(record)) return;
    this.noted.add(record);
    if (record.outcome !== 'committed') return;
    for (const { value } of liveAppends(record.operations)) this.committed.add(value);
  }

  private completeRead({ record, at, lists, range, seen }: RangeRead, marks: ReadonlyMap<number, number>): void {
    const own = new Set(liveAppends(record.operations.slice(0, at)).map(({ value }) => value));
    for (const row of this.rows.values()) {
      if (row.group < range.low || row.group >= range.high) continue;
      const ownMark = row.deletions.find(({ mark }) => own.has(mark))?.mark;
      if (seen.has(row.value)) lists.set(keyOf(row.value), [row.value]);
      else if (ownMark !== undefined) lists.set(keyOf(row.value), [row.value, ownMark]);
      else if (own.has(row.value)) lists.set(keyOf(row.value), []);
      else if (this.committed.has(row.value))
        this.completeUnseen(row, marks.get(row.value), range, record.lastRead ?? Number.POSITIVE_INFINITY, lists);
    }
  }

  private completeUnseen(
    row: Row,
    mark: number | undefined,
    { from, to }: Range,
    lastRead: number,
    lists: Map<string, readonly number[]>,
  ): void {
    // What began after its reader's last read cannot be on a cycle with it.
    if (begunOf(row.inserter) > lastRead) return;
    const deleter = row.deletions.find((deletion) => deletion.mark === mark)?.by;
    if (mark === undefined || deleter === undefined || begunOf(deleter) > to) lists.set(keyOf(row.value), []);
    else if (endOf(row.inserter) < from && endOf(deleter) >= from) lists.set(keyOf(row.value), [row.value, mark]);
  }
}

const keyOf = (value: number): string => `row ${value}`;
const begunOf = (record: TransactionRecord): number => record.begun ?? 0;
const endOf = (record: TransactionRecord): number => record.ended ?? Number.POSITIVE_INFINITY;

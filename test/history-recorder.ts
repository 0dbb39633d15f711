/**
 * Writes down a history for `history-checker.ts` while it happens: gives out values and ticks, and notes what transactions do.
 * Appends are noted before they are sent, so that a history is whole wherever it is cut off.
 */
import { type Level, liveAppends, type TransactionRecord } from './history-checker.js';
import { MemberHistory } from './history-members.js';

/** Between which ticks a snapshot was taken. */
export interface SnapshotTicks {
  readonly from: number;
  readonly to: number;
}

export class HistoryRecorder {
  readonly history: TransactionRecord[] = [];
  readonly members = new MemberHistory();
  private ticks = 0;

  constructor(readonly level: Level) {}

  tick(): number {
    return ++this.ticks;
  }

  begin(): TransactionRecorder {
    const begun = this.tick();
    const record: TransactionRecord = { id: this.history.length + 1, outcome: 'aborted', operations: [], begun };
    this.history.push(record);
    return new TransactionRecorder(this, record, begun);
  }

  /** Called when the outcome is known. */
  end(record: TransactionRecord, outcome: 'committed' | 'aborted'): void {
    record.outcome = outcome;
    if (outcome === 'committed') record.ended = this.tick();
  }
}

export class TransactionRecorder {
  private values = 0;
  /** The tick at which its first statement had been answered. */
  private firstStatement = 0;

  constructor(
    private readonly run: HistoryRecorder,
    readonly record: TransactionRecord,
    private readonly begun: number,
  ) {}

  private value(): number {
    return this.record.id * 100 + this.values++;
  }

  /** Returns the value to append to the list. */
  appends(key: string): number {
    const value = this.value();
    this.record.operations.push({ kind: 'append', key, value });
    return value;
  }

  /** Returns the value to insert as a row of the group. */
  inserts(group: number): number {
    const value = this.value();
    this.run.members.inserts(this.record, group, value);
    return value;
  }

  hasDeleted(value: number): void {
    this.run.members.hasDeleted(this.record, value, this.value());
  }

  /** What to give to `hasRolledBackTo`. */
  savepoint(): number {
    return liveAppends(this.record.operations).length;
  }

  hasRolledBackTo(savepoint: number): void {
    this.record.operations.push({ kind: 'undo', keep: savepoint });
  }

  hasRead(lists: ReadonlyMap<string, readonly number[]>, { from }: SnapshotTicks): void {
    this.record.operations.push({ kind: 'read', lists, from });
  }

  /** Rows of groups from `low` to below `high`. */
  hasReadMembers(low: number, high: number, values: readonly number[], ticks: SnapshotTicks): void {
    this.run.members.hasRead(this.record, { low, high, ...ticks }, values);
  }

  /** `first` and `second`: rows that two reads of one range have found, with no own change between. */
  hasCounted(first: number, second: number): void {
    this.run.members.hasCounted(this.record, this.run.level, first, second);
  }

  /** Called when a statement has been answered that began at the tick `begun`. */
  snapshotOf(begun: number): SnapshotTicks {
    const to = this.run.tick();
    this.firstStatement ||= to;
    this.record.lastRead = to;
    if (this.run.level === 'read committed') return { from: begun, to };
    return { from: this.begun, to: this.firstStatement };
  }
}

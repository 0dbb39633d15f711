/**
 * Looks for anomalies in a history of list appends (after Elle; Adya's names). Transactions append values to lists and
 * read lists; each value is appended once in the whole history, so that the final lists tell the order of versions and
 * each read tells what it has seen. What a level promises:
 *
 * - everywhere, and to transactions that abort, too: a read shows the list as committed transactions left it (no value of
 *   an aborted one, G1a, none that was an intermediate state, G1b), then the reader's own appends that are not undone; one
 *   statement has one snapshot, no older than its begin; no write cycles (G0), no circular information flow (G1c);
 *   One exception: locks are freed before commits are durable, so a transaction that is killed with the server may have
 *   seen, behind a lock, what was killed with it;
 * - REPEATABLE READ: all statements of a transaction have one snapshot, and it changes nothing that it did not see: no
 *   lost update, no cycle without two rw dependencies in a row (G-single is the one with a single rw);
 * - SERIALIZABLE: committed transactions have no cycle at all (G2). What an aborted one has read is only a snapshot.
 */
import { Graph } from './history-graph.js';

export type Level = 'read committed' | 'repeatable read' | 'serializable';
export type Lists = ReadonlyMap<string, readonly number[]>;

export type Operation =
  | { readonly kind: 'append'; readonly key: string; readonly value: number }
  /** What one statement has seen; `from`: the tick before its snapshot was taken, when it is known. */
  | { readonly kind: 'read'; readonly lists: Lists; readonly from?: number }
  /** ROLLBACK TO SAVEPOINT: only the first `keep` of the appends that counted so far still do. */
  | { readonly kind: 'undo'; readonly keep: number };

export interface TransactionRecord {
  readonly id: number;
  /** `unknown`: COMMIT was sent and not answered. It counts as committed if one of its appends is there. */
  outcome: 'committed' | 'aborted' | 'unknown';
  readonly operations: Operation[];
  /** Ticks, where they are known: when it was begun, */
  readonly begun?: number;
  /** when its last read had been answered, */
  lastRead?: number;
  /** and its COMMIT. */
  ended?: number;
  /** The server was killed before it had ended, so nobody has answered its COMMIT. */
  cutOff?: boolean;
}

export type AnomalyName =
  | 'unwritten value'
  | 'misplaced append'
  | 'duplicate append'
  | 'lost append'
  | 'aborted write'
  | 'aborted read'
  | 'intermediate read'
  | 'incompatible order'
  | 'internal'
  | 'stale read'
  | 'phantom'
  | 'lost update'
  | 'G0'
  | 'G1c'
  | 'statement skew'
  | 'G-single'
  | 'G2';

export interface Anomaly {
  readonly name: AnomalyName;
  readonly text: string;
}

interface Write {
  readonly by: TransactionRecord;
  readonly key: string;
  readonly value: number;
  readonly committed: boolean;
  /** A later append of the transaction to the key hides the state that this one left. */
  superseded: boolean;
}

/** @returns one entry for each anomaly that the level does not allow; of cycles, one of the worst kind */
export function findAnomalies(history: readonly TransactionRecord[], final: Lists, level: Level): Anomaly[] {
  return new Checker(history, final, level).run();
}

/** The names in alphabetical order, each once. */
export function anomalyNames(anomalies: readonly Anomaly[]): AnomalyName[] {
  return [...new Set(anomalies.map(({ name }) => name))].sort();
}

/** Appends that count after the operations, in order. */
export function liveAppends(operations: readonly Operation[]): Extract<Operation, { kind: 'append' }>[] {
  const live: Extract<Operation, { kind: 'append' }>[] = [];
  for (const operation of operations) {
    if (operation.kind === 'append') live.push(operation);
    else if (operation.kind === 'undo') live.length = operation.keep;
  }
  return live;
}

class Checker {
  private readonly found: Anomaly[] = [];
  private readonly writes = new Map<number, Write>();
  private readonly ww = new Graph();
  private readonly wr = new Graph();
  private readonly rw = new Graph();
  /** wr and rw of whatever has one snapshot: statements, or transactions, aborted ones too. */
  private readonly snapshotWr = new Graph();
  private readonly snapshotRw = new Graph();
  /** For each place of each final list, the earliest end of a writer there or later. */
  private readonly endedBy = new Map<string, number[]>();

  constructor(
    private readonly history: readonly TransactionRecord[],
    private readonly final: Lists,
    private readonly level: Level,
  ) {}

  run(): Anomaly[] {
    const survivors = new Set([...this.final.values()].flat());
    for (const record of this.history) this.index(record, survivors);
    for (const [key, list] of this.final) this.checkVersions(key, list);
    for (const record of this.history) {
      this.checkAppends(record);
      this.checkReads(record);
    }
    this.checkCycles();
    return this.found;
  }

  private report(name: AnomalyName, text: string): void {
    this.found.push({ name, text });
  }

  private index(record: TransactionRecord, survivors: ReadonlySet<number>): void {
    const live = liveAppends(record.operations);
    const isThere = live.some(({ value }) => survivors.has(value));
    const isCommitted = record.outcome === 'committed' || (record.outcome === 'unknown' && isThere);
    const lastOf = new Map(live.map(({ key, value }) => [key, value]));
    const values = new Set(live.map(({ value }) => value));
    for (const operation of record.operations) {
      if (operation.kind !== 'append') continue;
      const { key, value } = operation;
      if (this.writes.has(value)) throw new Error(`the history appends ${value} twice`);
      const committed = isCommitted && values.has(value);
      const superseded = lastOf.has(key) && lastOf.get(key) !== value;
      this.writes.set(value, { by: record, key, value, committed, superseded });
    }
  }

  /** Reports what is wrong with the values of a list, wherever it was seen; `values` without the reader's own. */
  private areGood(
    key: string,
    values: readonly number[],
    what: string,
    aborted: AnomalyName,
    isCutOff = false,
  ): boolean {
    const before = this.found.length;
    if (new Set(values).size < values.length) this.report('duplicate append', `${what} ${key}=[${values}]`);
    for (const value of values) {
      const write = this.writes.get(value);
      if (write === undefined) this.report('unwritten value', `${what} ${value} in ${key}=[${values}]`);
      else if (write.key !== key)
        this.report('misplaced append', `${what} ${value} in ${key}, written to ${write.key}`);
      else if (!write.committed && !(isCutOff && write.by.cutOff))
        this.report(aborted, `${what} ${value} of ${write.by.id} in ${key}=[${values}]`);
    }
    return this.found.length === before;
  }

  private checkVersions(key: string, list: readonly number[]): void {
    this.areGood(key, list, 'at the end', 'aborted write');
    const ends = list.map((value) => this.writes.get(value)?.by.ended ?? Number.POSITIVE_INFINITY);
    for (let i = ends.length - 2; i >= 0; i--) ends[i] = Math.min(ends[i], ends[i + 1]);
    this.endedBy.set(key, ends);
    for (let i = 1; i < list.length; i++) {
      const [from, to] = [this.writes.get(list[i - 1]), this.writes.get(list[i])];
      if (from?.committed !== true || to?.committed !== true || from.by === to.by) continue;
      this.ww.add(node(from.by), node(to.by), `-ww ${key}->`);
    }
  }

  private checkAppends(record: TransactionRecord): void {
    const first = new Map<string, number>();
    for (const { key, value } of liveAppends(record.operations)) {
      if (this.writes.get(value)?.committed !== true) continue;
      const at = this.final.get(key)?.indexOf(value) ?? -1;
      if (at === -1) this.report('lost append', `${value} of ${record.id} to ${key}`);
      else if (!first.has(key)) first.set(key, at);
    }
    if (this.level !== 'read committed') this.checkUpdates(record, first);
  }

  /** `first`: the places of the first append to each key. What the transaction has read before must end there. */
  private checkUpdates(record: TransactionRecord, first: ReadonlyMap<string, number>): void {
    const own = new Set(record.operations.flatMap((one) => (one.kind === 'append' ? [one.value] : [])));
    for (const operation of record.operations) {
      if (operation.kind !== 'read') continue;
      for (const [key, list] of operation.lists) {
        const at = first.get(key);
        const length = list.filter((value) => !own.has(value)).length;
        if (at === undefined || at <= length) continue;
        this.report('lost update', `${record.id} has read ${key}=[${list}] and appended at ${at}`);
      }
    }
  }

  private checkReads(record: TransactionRecord): void {
    record.operations.forEach((operation, n) => {
      if (operation.kind !== 'read') return;
      const live = liveAppends(record.operations.slice(0, n));
      for (const [key, list] of operation.lists) {
        const own = live.filter((append) => append.key === key).map(({ value }) => value);
        this.checkRead(record, n, operation.from, key, list, own);
      }
    });
  }

  private checkRead(
    record: TransactionRecord,
    statement: number,
    from: number | undefined,
    key: string,
    list: readonly number[],
    own: readonly number[],
  ): void {
    const what = `${record.id} has read`;
    const isCutOff = record.cutOff === true && !this.isCommitted(record);
    const base = list.slice(0, list.length - own.length);
    const isOwn = (value: number): boolean => this.writes.get(value)?.by === record;
    const tail = list.slice(base.length);
    if (list.length < own.length || own.some((value, i) => value !== tail[i]) || base.some(isOwn)) {
      this.report(
        new Set(list).size < list.length ? 'duplicate append' : 'internal',
        `${what} ${key}=[${list}] having appended [${own}]`,
      );
      return;
    }
    if (!this.areGood(key, base, what, 'aborted read', isCutOff)) return;
    // What went with the server has no place in the order of versions.
    if (isCutOff && base.some((value) => this.writes.get(value)?.committed === false)) return;
    const versions = this.final.get(key) ?? [];
    // The reader's own appends have their place among the versions if they stayed.
    const known = own.every((value) => this.writes.get(value)?.committed === true) ? list : base;
    if (known.some((value, i) => versions[i] !== value)) {
      this.report('incompatible order', `${what} ${key}=[${list}] of [${versions.slice(0, list.length + 1)}]`);
      return;
    }
    const last = this.writes.get(base[base.length - 1]);
    if (last?.superseded) {
      this.report('intermediate read', `${what} ${key}=[${list}], not the last of ${last.by.id}`);
      return;
    }
    const ended = this.endedBy.get(key)?.[known.length];
    if (from !== undefined && ended !== undefined && ended < from)
      this.report('stale read', `${what} ${key}=[${list}] after the end of a later append`);
    this.addReadEdges(record, statement, key, last, this.writes.get(versions[base.length]));
  }

  private addReadEdges(
    record: TransactionRecord,
    statement: number,
    key: string,
    last: Write | undefined,
    next: Write | undefined,
  ): void {
    const reader = node(record);
    const holder = this.level === 'read committed' ? `${reader}.${statement}` : reader;
    if (last !== undefined) {
      this.wr.add(node(last.by), reader, `-wr ${key}->`);
      this.snapshotWr.add(node(last.by), holder, `-wr ${key}->`);
    }
    if (next?.committed !== true || next.by === record) return;
    if (this.isCommitted(record)) this.rw.add(reader, node(next.by), `-rw ${key}->`);
    this.snapshotRw.add(holder, node(next.by), `-rw ${key}->`);
  }

  /** Of a transaction with an unknown end that wrote nothing, nobody can say; no promise is checked then. */
  private isCommitted(record: TransactionRecord): boolean {
    if (record.outcome !== 'unknown') return record.outcome === 'committed';
    return liveAppends(record.operations).some(({ value }) => this.writes.get(value)?.committed);
  }

  private checkCycles(): void {
    const direct = union(this.ww, this.wr);
    const snapshots = union(direct, this.snapshotWr).followedBy(this.snapshotRw);
    const kinds: [AnomalyName, Graph][] = [
      ['G0', this.ww],
      ['G1c', direct],
      [this.level === 'read committed' ? 'statement skew' : 'G-single', snapshots],
    ];
    if (this.level === 'serializable') kinds.push(['G2', union(direct, this.rw)]);
    for (const [name, graph] of kinds) {
      const cycle = graph.cycle();
      if (cycle === null) continue;
      this.report(name, cycle);
      return;
    }
  }
}

const node = (record: TransactionRecord): string => `T${record.id}`;

function union(one: Graph, other: Graph): Graph {
  const result = new Graph();
  result.addAll(one);
  result.addAll(other);
  return result;
}

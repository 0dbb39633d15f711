/**
 * A store for catalog tests: committed rows in maps, uncommitted ones in their transaction. No log, no concurrency
 * control beyond that, so that failures here are the catalog's.
 */
import type {
  Heap,
  HeapBatch,
  HeapOptions,
  Index,
  IndexBatch,
  IndexRange,
  RowId,
  RowLockResult,
  Snapshot,
  Store,
  Transaction,
} from '../../src/storage/api.js';
import type { Row } from '../../src/types/datum.js';
import type { TypeCodec } from '../../src/types/type-codec.js';
import type { Task } from '../../src/util/task.js';

// biome-ignore lint/correctness/useYield: a task that never waits
function* done<T>(value: T): Task<T> {
  return value;
}

type Written = Map<number, Map<RowId, Row | null>>;
type Changed = Map<number, Map<string, { key: string; rowId: RowId; added: boolean }>>;

class MemoryTransaction implements Transaction {
  xid = 0;
  isolation = 'read committed' as const;
  readOnly = false;
  state: 'active' | 'committed' | 'aborted' = 'active';
  commandId = 0;
  readonly rows: Written = new Map();
  readonly entries: Changed = new Map();
  private readonly commits: (() => void)[] = [];
  private readonly rollbacks: (() => void)[] = [];
  private saved: { rows: Written; entries: Changed }[] = [];

  constructor(private readonly store: MemoryStore) {}

  nextCommand(): void {
    this.commandId++;
  }
  snapshot(): Snapshot {
    return { lsn: 0, transaction: this, commandId: this.commandId };
  }
  latest(): Snapshot {
    return this.snapshot();
  }
  releaseSnapshot(): void {}
  hasChanged(storage: number): boolean {
    return this.rows.has(storage);
  }
  savepoint(): number {
    const copy = <V>(maps: Map<number, Map<V, unknown>>) => new Map([...maps].map(([id, map]) => [id, new Map(map)]));
    this.saved.push({
      rows: copy(this.rows) as Written,
      entries: copy(this.entries) as Changed,
    });
    return this.saved.length;
  }
  rollbackTo(level: number): void {
    const saved = this.saved[level - 1];
    this.rows.clear();
    this.entries.clear();
    for (const [id, map] of saved.rows) this.rows.set(id, new Map(map));
    for (const [id, map] of saved.entries) this.entries.set(id, new Map(map));
  }
  release(): void {}
  commit(): Task<void> {
    this.state = 'committed';
    this.store.install(this);
    for (const listener of this.commits) listener();
    return done(undefined);
  }
  rollback(): void {
    this.state = 'aborted';
    for (const listener of this.rollbacks) listener();
  }
  onCommit(listener: () => void): void {
    this.commits.push(listener);
  }
  onRollback(listener: () => void): void {
    this.rollbacks.push(listener);
  }
  lockTable(): Task<boolean> {
    return done(true);
  }
  lockObject(): Task<boolean> {
    return done(true);
  }
  cancelWait(): void {}
}

function own(transaction: Transaction): MemoryTransaction {
  if (!(transaction instanceof MemoryTransaction)) throw new Error('foreign transaction');
  return transaction;
}

class MemoryHeap implements Heap {
  readonly committed = new Map<RowId, Row>();
  readonly recheck = false;
  private nextRow = 1;
  constructor(readonly id: number) {}
  get rowCount(): number {
    return this.committed.size;
  }
  tryFetch(snapshot: Snapshot, rowId: RowId): Row | null {
    const written = own(snapshot.transaction).rows.get(this.id)?.get(rowId);
    return written !== undefined ? written : (this.committed.get(rowId) ?? null);
  }
  load(): Task<void> {
    return done(undefined);
  }
  fetch(snapshot: Snapshot, rowId: RowId): Task<Row | null> {
    return done(this.tryFetch(snapshot, rowId));
  }
  scan(snapshot: Snapshot) {
    const rowIds = new Set([...this.committed.keys(), ...(own(snapshot.transaction).rows.get(this.id)?.keys() ?? [])]);
    const batch: HeapBatch = { rows: [], rowIds: [], length: 0 };
    for (const rowId of rowIds) {
      const row = this.tryFetch(snapshot, rowId);
      if (row === null) continue;
      batch.rows.push(row);
      batch.rowIds.push(rowId);
      batch.length++;
    }
    let given = false;
    return {
      next: (): Task<HeapBatch | null> => {
        const result = given ? null : batch;
        given = true;
        return done(result);
      },
      close() {},
    };
  }
  insert(transaction: Transaction, row: Row): RowId {
    const rowId = this.nextRow++;
    this.update(transaction, rowId, row);
    return rowId;
  }
  update(transaction: Transaction, rowId: RowId, row: Row | null): void {
    const { rows } = own(transaction);
    if (!rows.has(this.id)) rows.set(this.id, new Map());
    rows.get(this.id)?.set(rowId, row);
  }
  delete(transaction: Transaction, rowId: RowId): void {
    this.update(transaction, rowId, null);
  }
  lockRow(_transaction: Transaction, snapshot: Snapshot, rowId: RowId): Task<RowLockResult> {
    const row = this.tryFetch(snapshot, rowId);
    return done(row === null ? { status: 'deleted' } : { status: 'locked', row, moved: false });
  }
  newest(transaction: Transaction, rowId: RowId): Task<Row | null> {
    return this.fetch(transaction.latest(), rowId);
  }
  diskSize(): Promise<number> {
    return Promise.resolve(0);
  }
}

class MemoryIndex implements Index {
  readonly committed = new Map<string, Set<RowId>>();
  private sorted: string[] | null = null;
  constructor(readonly id: number) {}
  get entryCount(): number {
    return this.committed.size;
  }
  apply(key: string, rowId: RowId, added: boolean): void {
    this.sorted = null;
    if (!this.committed.has(key)) this.committed.set(key, new Set());
    if (added) this.committed.get(key)?.add(rowId);
    else this.committed.get(key)?.delete(rowId);
  }
  tryGet(): RowId {
    return -1;
  }
  scan(snapshot: Snapshot, range: IndexRange) {
    const entries = new Map<string, { key: string; rowId: RowId }>();
    const { lo, hi } = range;
    const inside = (key: string): boolean => (lo === null || key >= lo) && (hi === null || key < hi);
    if (this.sorted === null) this.sorted = [...this.committed.keys()].sort((a, b) => (a < b ? -1 : 1));
    let from = 0;
    let to = this.sorted.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (lo !== null && this.sorted[middle] < lo) from = middle + 1;
      else to = middle;
    }
    for (; from < this.sorted.length && inside(this.sorted[from]); from++) {
      for (const rowId of this.committed.get(this.sorted[from]) ?? []) {
        entries.set(`${this.sorted[from]}\0${rowId}`, { key: this.sorted[from], rowId });
      }
    }
    for (const [id, entry] of own(snapshot.transaction).entries.get(this.id) ?? []) {
      if (!entry.added) entries.delete(id);
      else if (inside(entry.key)) entries.set(id, entry);
    }
    const all = [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.rowId - b.rowId));
    let batch: IndexBatch | null = {
      keys: all.map((entry) => entry.key),
      rowIds: all.map((entry) => entry.rowId),
      length: all.length,
    };
    return {
      next: (): Task<IndexBatch | null> => {
        const result = batch;
        batch = null;
        return done(result);
      },
      close() {},
    };
  }
  insert(transaction: Transaction, key: string, rowId: RowId): void {
    this.write(transaction, key, rowId, true);
  }
  delete(transaction: Transaction, key: string, rowId: RowId): void {
    this.write(transaction, key, rowId, false);
  }
  private write(transaction: Transaction, key: string, rowId: RowId, added: boolean): void {
    const { entries } = own(transaction);
    if (!entries.has(this.id)) entries.set(this.id, new Map());
    entries.get(this.id)?.set(`${key}\0${rowId}`, { key, rowId, added });
  }
  *checkUnique(
    transaction: Transaction,
    heap: Heap,
    key: string,
    keyOf: (row: Row) => string | null,
    ownRow: RowId,
  ): Task<RowId> {
    const snapshot = transaction.latest();
    const batch = yield* this.scan(snapshot, { lo: key, hi: `${key}\0` }).next();
    for (const rowId of batch?.rowIds ?? []) {
      const row = heap.tryFetch(snapshot, rowId);
      if (rowId !== ownRow && row !== null && row !== undefined && keyOf(row) === key) return rowId;
    }
    return 0;
  }
  diskSize(): Promise<number> {
    return Promise.resolve(0);
  }
}

export class MemoryStore implements Store {
  readonly heaps = new Map<number, MemoryHeap>();
  readonly indexes = new Map<number, MemoryIndex>();
  readonly dropped: number[] = [];
  private readonly meta = new Map<string, Buffer>();
  private nextStorage = 20000;
  readonly durableLsn = 0;
  readonly appendedLsn = 0;

  begin(): Transaction {
    return new MemoryTransaction(this);
  }
  heap(id: number, _options: HeapOptions): MemoryHeap {
    if (!this.heaps.has(id)) this.heaps.set(id, new MemoryHeap(id));
    return this.heaps.get(id) as MemoryHeap;
  }
  index(id: number): MemoryIndex {
    if (!this.indexes.has(id)) this.indexes.set(id, new MemoryIndex(id));
    return this.indexes.get(id) as MemoryIndex;
  }
  install(transaction: MemoryTransaction): void {
    for (const [id, rows] of transaction.rows) {
      for (const [rowId, row] of rows) {
        if (row === null) this.heaps.get(id)?.committed.delete(rowId);
        else this.heaps.get(id)?.committed.set(rowId, row);
      }
    }
    for (const [id, entries] of transaction.entries) {
      for (const entry of entries.values()) this.index(id).apply(entry.key, entry.rowId, entry.added);
    }
  }
  allocateStorageId(): number {
    return this.nextStorage++;
  }
  pin(): Task<void> {
    return done(undefined);
  }
  drop(transaction: Transaction, id: number): void {
    transaction.onCommit(() => this.dropped.push(id));
  }
  create(): number {
    return this.allocateStorageId();
  }
  readSequence(): undefined {
    return undefined;
  }
  writeSequence(): void {}
  readMeta(key: string): Buffer | undefined {
    return this.meta.get(key);
  }
  writeMeta(key: string, value: Buffer): void {
    this.meta.set(key, value);
  }
  checkpoint(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Codecs of which only the key encoding works. */
export function keyCodecs(): ReadonlyMap<string, TypeCodec> {
  const unused = (): never => {
    throw new Error('not a codec for values');
  };
  const codec = (encodeKey: (value: never) => string): TypeCodec =>
    ({
      parse: unused,
      format: unused,
      receive: unused,
      send: unused,
      compare: unused,
      groupKey: unused,
      encodeKey,
    }) as unknown as TypeCodec;
  const number = codec((value: number) => String.fromCharCode(...Buffer.from(f64(value))));
  const text = codec((value: string) => `${Buffer.from(value).toString('latin1').replaceAll('\0', '\0\x01')}\0\0`);
  const vector = codec((value: { elements: number[] }) => `${value.elements.map((n) => `${n} `).join('')}\0`);
  return new Map([
    ...['int2', 'int4', 'oid', 'float4', 'bool'].map((name): [string, TypeCodec] => [name, number]),
    ...['text', 'name', 'char'].map((name): [string, TypeCodec] => [name, text]),
    ['oidvector', vector],
  ]);
}

function f64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  if (value >= 0) bytes[0] ^= 0x80;
  else for (let i = 0; i < 8; i++) bytes[i] ^= 0xff;
  return bytes;
}

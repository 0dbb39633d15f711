/**
 * A disk for tests: a log and a KvStore in memory that survive a "crash". A crash loses the log behind the last flush and
 * any suffix of the KvStore's writes since its last synced one, which is what a power failure may do. The stored form is JSON.
 */

import { KvError } from '../../src/kv/kv-error.js';
import type { KvOperation, KvRange, KvStore } from '../../src/kv/kv-store.js';
import type { Lsn, RowId, StorageId } from '../../src/storage/api.js';
import type { CommitChanges } from '../../src/storage/commit-log.js';
import { forEachChange } from '../../src/storage/page-writes.js';
import type { CommitVisitor, LogRecord, StoredForm, WriteAheadLog } from '../../src/storage/stored-form.js';
import type { Row } from '../../src/types/datum.js';
import type { Shortage } from '../../src/util/shortage.js';

export class TestDisk {
  records: LogRecord[] = [];
  flushedLsn: Lsn = 0;
  readonly kv = new SortedMap();
  /** Writes since the last sync, newest last; each with what it takes to undo it. */
  unsynced: KvOperation[][] = [];
  /** Ends the life of everything opened before the last crash. */
  epoch = 0;
  /** Writes to the KvStore wait for it. */
  gate: Promise<void> | null = null;
  private openGate: () => void = () => undefined;

  /** From now on writes to the KvStore wait. */
  hold(): void {
    this.gate ??= new Promise((resolve) => {
      this.openGate = resolve;
    });
  }

  letGo(): void {
    this.gate = null;
    this.openGate();
  }

  /** `keep` of the KvStore's unsynced writes survive. */
  crash(keep: number): void {
    this.epoch++;
    this.letGo();
    this.records = this.records.filter((record) => record.endLsn <= this.flushedLsn);
    while (this.unsynced.length > keep)
      for (const operation of this.unsynced.pop()!.reverse()) this.kv.apply(operation);
    this.unsynced = [];
  }
}

/** Latin-1 keys in order. */
class SortedMap {
  private readonly keys: string[] = [];
  private readonly values = new Map<string, Buffer>();

  get(key: Buffer): Buffer | undefined {
    return this.values.get(key.toString('latin1'));
  }

  /** Returns the operation that undoes this one. */
  apply(operation: KvOperation): KvOperation {
    const key = operation.key.toString('latin1');
    const old = this.values.get(key);
    if (operation.type === 'put') {
      if (old === undefined) this.keys.splice(this.lowerBound(key), 0, key);
      this.values.set(key, operation.value);
    } else if (old !== undefined) {
      this.keys.splice(this.lowerBound(key), 1);
      this.values.delete(key);
    }
    return old === undefined ? { type: 'del', key: operation.key } : { type: 'put', key: operation.key, value: old };
  }

  range({ gte, lt, reverse, limit }: KvRange): [Buffer, Buffer][] {
    const from = this.lowerBound(gte.toString('latin1'));
    const to = this.lowerBound(lt.toString('latin1'));
    const length = Math.max(0, Math.min(to - from, limit ?? Number.POSITIVE_INFINITY));
    const keys = reverse ? this.keys.slice(to - length, to).reverse() : this.keys.slice(from, from + length);
    return keys.map((key) => [Buffer.from(key, 'latin1'), this.values.get(key)!]);
  }

  private lowerBound(key: string): number {
    let low = 0;
    let high = this.keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keys[middle] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Waits before and after it looks, so that loads and writes overlap in every order. */
export class TestKv implements KvStore {
  /** Writes fail for want of space. */
  full = false;
  refused = 0;
  resumed = 0;
  private readonly epoch: number;

  constructor(private readonly disk: TestDisk) {
    this.epoch = disk.epoch;
  }

  getSync(key: Buffer): Buffer | undefined {
    return this.disk.kv.get(key);
  }

  async range(range: KvRange): Promise<[Buffer, Buffer][]> {
    const early = Math.random() < 0.5;
    if (!early) await later();
    const result = this.disk.kv.range(range);
    if (early) await later();
    return result;
  }

  async *scan(range: KvRange): AsyncIterable<[Buffer, Buffer][]> {
    yield this.disk.kv.range(range);
  }

  async write(operations: readonly KvOperation[], options?: { readonly sync?: boolean }): Promise<void> {
    await later();
    while (this.disk.gate !== null) await this.disk.gate;
    this.checkAlive();
    if (this.full) {
      this.refused++;
      throw new KvError('full', 'no space');
    }
    this.disk.unsynced.push(operations.map((operation) => this.disk.kv.apply(operation)));
    if (options?.sync) this.disk.unsynced = [];
    await later();
  }

  async clear({ gte, lt }: { gte: Buffer; lt: Buffer }): Promise<void> {
    await this.write(this.disk.kv.range({ gte, lt }).map(([key]) => ({ type: 'del', key })));
  }

  async approximateSize(gte: Buffer, lt: Buffer): Promise<number> {
    return this.disk.kv.range({ gte, lt }).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  }

  async resume(): Promise<boolean> {
    if (!this.full) this.resumed++;
    return !this.full;
  }

  giveUp(): void {}

  async close(): Promise<void> {}

  private checkAlive(): void {
    if (this.epoch !== this.disk.epoch) throw new Error('this store has crashed');
  }
}

export class TestWal implements WriteAheadLog {
  shortage: Shortage | null = null;
  appendedLsn: Lsn;
  appendedRecords = 0;
  private readonly epoch: number;
  private scheduled = false;
  private listener: ((lsn: Lsn) => void) | null = null;

  constructor(private readonly disk: TestDisk) {
    this.epoch = disk.epoch;
    this.appendedLsn = disk.flushedLsn;
  }

  get flushedLsn(): Lsn {
    return this.disk.flushedLsn;
  }

  stopWaiting(): void {}

  append(type: number, payload: Buffer): Lsn {
    if (this.epoch !== this.disk.epoch) throw new Error('this store has crashed');
    const lsn = this.appendedLsn;
    this.appendedLsn += payload.length + 16;
    this.appendedRecords++;
    this.disk.records.push({ lsn, endLsn: this.appendedLsn, type, payload });
    if (!this.scheduled) {
      this.scheduled = true;
      setImmediate(() => this.flush());
    }
    return this.appendedLsn;
  }

  private flush(): void {
    this.scheduled = false;
    if (this.epoch !== this.disk.epoch) return;
    this.disk.flushedLsn = this.appendedLsn;
    this.listener?.(this.appendedLsn);
  }

  onFlush(listener: (lsn: Lsn) => void): void {
    this.listener = listener;
  }

  onFailure(): void {}

  async *readFrom(lsn: Lsn): AsyncIterable<LogRecord> {
    for (const record of this.disk.records) if (record.lsn >= lsn) yield record;
  }

  recycle(lsn: Lsn): void {
    this.disk.records = this.disk.records.filter((record) => record.endLsn > lsn);
  }

  async close(): Promise<void> {}
}

interface CommitJson {
  xid: number;
  rows: [id: number, rowId: number, row: Row | null, inserted: boolean][];
  pages: [id: number, pageNo: number, rows: (Row | null)[]][];
  entries: [id: number, key: string, rowId: number, put: boolean][];
  sequences: [id: number, last: number, isCalled: boolean][];
  meta: [string, string][];
  created: number[];
  dropped: number[];
  cancelled: number[];
  blocks: [id: number, count: number, bytes: string][];
}

const hex = (value: number) => value.toString(16).padStart(12, '0');

export const JSON_FORM: StoredForm = {
  encodeRow: (row) => Buffer.from(JSON.stringify(row)),
  decodeRow: (bytes) => JSON.parse(bytes.toString()) as Row,
  rowKey: (id: StorageId, rowId: RowId) => Buffer.from(`s${hex(id)}/${hex(rowId)}`),
  encodePage: (rows) => Buffer.from(JSON.stringify(rows)),
  decodePage: (bytes, rows) => {
    (JSON.parse(bytes.toString()) as (Row | null)[]).forEach((row, slot) => {
      if (row !== null) rows[slot] = row;
    });
  },
  pageKey: (id, pageNo) => Buffer.from(`s${hex(id)}/${hex(pageNo).slice(2)}`),
  pageNoOf: (key) => Number.parseInt(key.toString('latin1', 14, 24), 16),
  slotOf: (key) => (key.length === 24 ? -1 : Number.parseInt(key.toString('latin1', 24), 16)),
  entryKey: (id, key, rowId) => Buffer.from(`s${hex(id)}/${key}${rowId === 0 ? '' : `\u0001${hex(rowId)}`}`, 'latin1'),
  entryValue: () => Buffer.alloc(0),
  entryOf: (bytes, value) => {
    const text = bytes.toString('latin1', 14);
    return { key: text.slice(0, -13), rowId: Number.parseInt(text.slice(-12), 16), removed: value.length > 0 };
  },
  removedValue: () => Buffer.from('removed'),
  entryBlockKey: (id, key, rowId) => Buffer.from(`s${hex(id)}/\u00ff${key}\u0001${hex(rowId)}`, 'latin1'),
  entryBlockStart: (bytes) => {
    const text = bytes.toString('latin1', 15);
    return { key: text.slice(0, -13), rowId: Number.parseInt(text.slice(-12), 16) };
  },
  entryRange: (id) => ({ gte: Buffer.from(`s${hex(id)}/`), lt: Buffer.from(`s${hex(id)}/\u00fe`, 'latin1') }),
  entryBlockRange: (id) => ({
    gte: Buffer.from(`s${hex(id)}/\u00ff`, 'latin1'),
    lt: Buffer.from(`s${hex(id)}0`),
  }),
  entryBlockMark: (id) => Buffer.from(`s${hex(id)}/\u00fe`, 'latin1'),
  storageRange: (id) => ({ gte: Buffer.from(`s${hex(id)}/`), lt: Buffer.from(`s${hex(id)}0`) }),
  systemKey: (name) => Buffer.from(`!${name}`),
  systemRange: { gte: Buffer.from('!'), lt: Buffer.from('"') },

  encodeCommit(changes: CommitChanges, partSize: number): Buffer[] {
    const json: CommitJson = {
      xid: changes.xid,
      rows: [],
      pages: [],
      entries: [],
      sequences: [...changes.sequences].map(([id, s]) => [id, Number(s.lastValue), s.isCalled]),
      meta: [...changes.meta].map(([key, value]) => [key, value.toString('base64')]),
      created: changes.created.map(({ id }) => id),
      dropped: [...changes.dropped],
      cancelled: [...changes.cancelled],
      blocks: changes.entryBlocks.flatMap(({ index, blocks }) =>
        blocks.map(({ count, bytes }): [number, number, string] => [index, count, bytes.toString('base64')]),
      ),
    };
    const parts: Buffer[] = [];
    for (const writes of changes.heaps) {
      for (const page of writes.pages.values()) {
        if (page.isPrivate) {
          const rows = new Array<Row | null>(256).fill(null);
          forEachChange(page, (rowId, row) => {
            rows[rowId % 256] = row;
          });
          page.block = this.encodePage(rows, Number.POSITIVE_INFINITY);
          json.pages.push([writes.heap.id, page.pageNo, rows]);
        } else
          forEachChange(page, (rowId, row, base) => {
            json.rows.push([writes.heap.id, rowId, row, base === null]);
          });
      }
    }
    for (const writes of changes.indexes) {
      for (const [key, first] of writes.byKey) {
        for (let write: typeof first | null = first; write !== null; write = write.next) {
          if (write.effect !== 'none') json.entries.push([writes.index.id, key, write.rowId, write.effect === 'put']);
        }
      }
    }
    const rowsAtOnce = Math.max(1, Math.floor(partSize / 64));
    while (json.rows.length > rowsAtOnce) {
      const part = { ...json, rows: json.rows.splice(0, rowsAtOnce), pages: [], entries: [], sequences: [], meta: [] };
      parts.push(Buffer.from(JSON.stringify({ ...part, created: [], dropped: [], cancelled: [] })));
    }
    parts.push(Buffer.from(JSON.stringify(json)));
    return parts;
  },

  encodeAside() {
    throw new Error('the JSON form has no temporary files');
  },

  readCommit(payload: Buffer, visitor: CommitVisitor): number {
    const json = JSON.parse(payload.toString()) as CommitJson;
    for (const id of json.created) visitor.created(id);
    for (const [id, rowId, row, inserted] of json.rows) {
      if (row === null) visitor.deleteRow(id, rowId);
      else visitor.putRow(id, rowId, this.encodeRow(row), inserted);
    }
    for (const [id, pageNo, rows] of json.pages)
      visitor.putPage(
        id,
        pageNo,
        rows.filter((row) => row !== null).length,
        this.encodePage(rows, 0) ?? Buffer.alloc(0),
      );
    for (const [id, key, rowId, put] of json.entries) {
      if (put) visitor.putEntry(id, key, rowId);
      else visitor.deleteEntry(id, key, rowId);
    }
    for (const [id, count, bytes] of json.blocks) visitor.putEntries(id, count, Buffer.from(bytes, 'base64'));
    for (const [id, lastValue, isCalled] of json.sequences) visitor.sequence(id, { lastValue, isCalled });
    for (const [key, value] of json.meta) visitor.meta(key, Buffer.from(value, 'base64'));
    for (const id of json.dropped) visitor.dropped(id);
    for (const lsn of json.cancelled) visitor.cancelled(lsn);
    return json.xid;
  },
};

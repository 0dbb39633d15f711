/** The KvStore in memory: for tests and for data that ends with the process. Buffers are copied in, not out. */
import { OrderedMap } from '../../util/ordered-map.js';
import { KvError } from '../kv-error.js';
import type { KvOperation, KvRange, KvStore } from '../kv-store.js';

const DEFAULT_CHUNK = 1000;

export class MemoryStore implements KvStore {
  private readonly entries = new OrderedMap<Buffer>();
  private closed = false;

  getSync(key: Buffer): Buffer | undefined {
    this.checkOpen();
    return this.entries.get(key.toString('latin1'));
  }

  async range(range: KvRange): Promise<[Buffer, Buffer][]> {
    this.checkOpen();
    return this.collect(range);
  }

  async *scan(range: KvRange, chunk = DEFAULT_CHUNK): AsyncIterable<[Buffer, Buffer][]> {
    this.checkOpen();
    const all = this.collect(range);
    for (let at = 0; at < all.length; at += chunk) yield all.slice(at, at + chunk);
  }

  async write(operations: readonly KvOperation[]): Promise<void> {
    this.checkOpen();
    for (const operation of operations) {
      const key = operation.key.toString('latin1');
      if (operation.type === 'put') this.entries.set(key, Buffer.from(operation.value));
      else this.entries.delete(key);
    }
  }

  async clear(range: { readonly gte: Buffer; readonly lt: Buffer }): Promise<void> {
    this.checkOpen();
    const cursor = this.entries.cursor(range.gte.toString('latin1'), range.lt.toString('latin1'));
    while (cursor.next()) this.entries.delete(cursor.key);
  }

  async approximateSize(gte: Buffer, lt: Buffer): Promise<number> {
    this.checkOpen();
    const cursor = this.entries.cursor(gte.toString('latin1'), lt.toString('latin1'));
    let size = 0;
    while (cursor.next()) size += cursor.key.length + cursor.value.length;
    return size;
  }

  async resume(): Promise<boolean> {
    return true;
  }

  giveUp(): void {
    // It is never closed meanwhile.
  }

  async close(): Promise<void> {
    this.closed = true;
    this.entries.clear();
  }

  private collect({ gte, lt, reverse, limit }: KvRange): [Buffer, Buffer][] {
    const found: [Buffer, Buffer][] = [];
    const most = limit ?? Number.POSITIVE_INFINITY;
    const cursor = this.entries.cursor(gte.toString('latin1'), lt.toString('latin1'), reverse === true);
    while (found.length < most && cursor.next()) found.push([Buffer.from(cursor.key, 'latin1'), cursor.value]);
    return found;
  }

  private checkOpen(): void {
    if (this.closed) throw new KvError('closed', 'the key-value store is closed');
  }
}

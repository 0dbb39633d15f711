/**
 * Reads pages and leaves from the KvStore.
 */
import type { KvStore } from '../kv/kv-store.js';
import type { Row } from '../types/datum.js';
import type { StorageId } from './api.js';
import { EntryReader } from './entry-reader.js';
import { PAGE_ROWS } from './heap-page.js';
import { PageRecords } from './page-records.js';
import type { IndexPosition, StorageReader, StoredEntries, StoredPage } from './storage-reader.js';
import type { StoredForm } from './stored-form.js';

export class KvReader implements StorageReader {
  private readonly entries: EntryReader;

  constructor(
    private readonly kv: KvStore,
    private readonly form: StoredForm,
  ) {
    this.entries = new EntryReader(kv, form);
  }

  decodePage(block: Buffer, rows: (Row | null)[], wanted: readonly boolean[] | null = null): void {
    this.form.decodePage(block, rows, wanted);
  }

  async readPages(id: StorageId, first: number, count: number): Promise<StoredPage[]> {
    const { form } = this;
    const found = await this.kv.range({ gte: form.pageKey(id, first), lt: form.pageKey(id, first + count) });
    const pages: StoredPage[] = [];
    for (let i = 0; i < count; i++)
      pages.push({ rows: new Array<Row | null>(PAGE_ROWS).fill(null), records: new PageRecords() });
    for (const [key, value] of found) {
      const { rows, records } = pages[form.pageNoOf(key) - first];
      const slot = form.slotOf(key);
      if (slot < 0) {
        form.decodePage(value, rows);
        records.block = true;
      } else {
        rows[slot] = value.length === 0 ? null : form.decodeRow(value);
        records.add(slot);
      }
    }
    return pages;
  }

  async readEntries(
    id: StorageId,
    low: IndexPosition,
    high: IndexPosition,
    limit: number,
    reverse: boolean,
    withBlocks: boolean,
  ): Promise<StoredEntries> {
    if (withBlocks) return this.entries.read(id, low, high, limit, reverse);
    const found = await this.entries.singles(id, low, high, limit, reverse);
    return { keys: found.map(({ key }) => key), rowIds: found.map(({ rowId }) => rowId) };
  }

  endOfBlocks(id: StorageId): string | null {
    return this.kv.getSync(this.form.entryBlockMark(id))?.toString('latin1') ?? null;
  }

  diskSize(id: StorageId): Promise<number> {
    const { gte, lt } = this.form.storageRange(id);
    return this.kv.approximateSize(gte, lt);
  }
}

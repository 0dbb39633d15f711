/**
 * Reads pages and leaves from the KvStore.
 */
import type { KvStore } from '../kv/kv-store.js';
import type { RowId, StorageId } from './api.js';
import type { IndexPosition, StorageReader, StoredEntries, StoredRows } from './storage-reader.js';
import type { StoredForm } from './stored-form.js';

export class KvReader implements StorageReader {
  constructor(
    private readonly kv: KvStore,
    private readonly form: StoredForm,
  ) {}

  async readRows(id: StorageId, from: RowId, to: RowId): Promise<StoredRows> {
    const found = await this.kv.range({ gte: this.form.rowKey(id, from), lt: this.form.rowKey(id, to) });
    const result: StoredRows = { rowIds: [], rows: [] };
    for (const [key, value] of found) {
      result.rowIds.push(this.form.rowIdOf(key));
      result.rows.push(this.form.decodeRow(value));
    }
    return result;
  }

  async readEntries(
    id: StorageId,
    low: IndexPosition,
    high: IndexPosition,
    limit: number,
    reverse: boolean,
  ): Promise<StoredEntries> {
    const range = this.form.storageRange(id);
    const gte = low.key === null || low.key === '' ? range.gte : this.form.entryKey(id, low.key, low.rowId);
    const lt = high.key === null ? range.lt : this.form.entryKey(id, high.key, high.rowId);
    const found = await this.kv.range({ gte, lt, limit, reverse });
    if (reverse) found.reverse();
    const result: StoredEntries = { keys: [], rowIds: [] };
    for (const [bytes] of found) {
      const { key, rowId } = this.form.entryOf(bytes);
      result.keys.push(key);
      result.rowIds.push(rowId);
    }
    return result;
  }

  diskSize(id: StorageId): Promise<number> {
    const { gte, lt } = this.form.storageRange(id);
    return this.kv.approximateSize(gte, lt);
  }
}

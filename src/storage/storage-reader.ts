/**
 * How heaps and indexes read what is not in memory. A store without a KvStore has no reader, and then everything
 * always is in memory.
 */
import type { Row } from '../types/datum.js';
import type { RowId, StorageId } from './api.js';
import type { PageRecords } from './page-records.js';
import type { StoredForm } from './stored-form.js';

export interface StoredPage {
  /** By slot. */
  readonly rows: (Row | null)[];
  readonly records: PageRecords;
}

export interface StoredEntries {
  readonly keys: string[];
  readonly rowIds: RowId[];
}

/** A place between two index entries, just before (key, row id). A null key is the end of the index. */
export interface IndexPosition {
  readonly key: string | null;
  readonly rowId: RowId;
}

export interface StorageReader {
  /** Puts the rows of a page's block into their slots. */
  decodePage: StoredForm['decodePage'];
  /** Consecutive pages of a heap. */
  readPages(id: StorageId, first: number, count: number): Promise<StoredPage[]>;
  /**
   * At most `limit` entries with `low` <= entry < `high`, in order: the first ones, or the last ones when `reverse`.
   * `withBlocks`: some may be in blocks.
   */
  readEntries(
    id: StorageId,
    low: IndexPosition,
    high: IndexPosition,
    limit: number,
    reverse: boolean,
    withBlocks: boolean,
  ): Promise<StoredEntries>;
  /** No block of the index reaches beyond the key; '': that is not known, null: there are no blocks. */
  endOfBlocks(id: StorageId): string | null;
  diskSize(id: StorageId): Promise<number>;
}

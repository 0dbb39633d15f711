/** The stored form of the real store: encoding/FORMAT.md. Scratch buffers are shared; nothing here waits in between, except between the parts of a commit. */
import { datums, RowCorruption, readVarint, writeVarint } from '../encoding/datum-codec.js';
import { decodePage, encodePage } from '../encoding/page-codec.js';
import { decodeRow, encodeRow, rowBytes } from '../encoding/row-codec.js';
import type { Row } from '../types/datum.js';
import type { ByteCursor } from '../types/stored-form.js';
import { ByteWriter } from '../util/byte-writer.js';
import { crc32c } from '../util/crc32c.js';
import type { RowId, StorageId } from './api.js';
import type { AppendedEntries } from './appended-entries.js';
import { forEachAside } from './aside-form.js';
import type { CommitChanges } from './commit-log.js';
import { PAGE_ROWS } from './heap-page.js';
import { MAX_BLOCK_BYTES } from './page-records.js';
import { forEachChange, type PageWrites } from './page-writes.js';
import type { RemovedEntries } from './removed-entries.js';
import type { CommitVisitor, StoredForm } from './stored-form.js';

const OP = {
  heap: 1,
  insert: 2,
  update: 3,
  deleteRow: 4,
  index: 5,
  putEntry: 6,
  deleteEntry: 7,
  sequence: 8,
  meta: 9,
  created: 10,
  dropped: 11,
  cancelled: 12,
  page: 13,
  entries: 14,
} as const;

const ID_SIZE = 4;
const ROW_ID_SIZE = 6;
const CHECKSUM_SIZE = 4;
/** A row id without its last byte: pages have 256 rows. */
const PAGE_NO_SIZE = 5;
/** Index entries looked at in one go, where a commit may be cut into parts. */
const ENTRIES_AT_ONCE = 8192;
/** Fewer new rows are logged one by one. */
const MIN_BLOCK_ROWS = 16;

/** What comes behind the id of an index with blocks, greater than the first byte of any entry: its mark, and its blocks. */
const MARK_SPACE = 0xfe;
const BLOCK_SPACE = 0xff;
const REMOVED_SIZE = CHECKSUM_SIZE + 1;

const out = new ByteWriter(1 << 16);
const rowScratch = new ByteWriter(4096);

function writeRowId(key: Buffer, rowId: number, at: number): void {
  key.writeUIntBE(rowId, at, ROW_ID_SIZE);
}

function idKey(id: StorageId, ...more: number[]): Buffer {
  const key = Buffer.from([0, 0, 0, 0, ...more]);
  key.writeUInt32BE(id, 0);
  return key;
}

/** The entry's key and row id, which are what a key of the KvStore has from a place on. */
function entryAt(bytes: Buffer, start: number): { readonly key: string; readonly rowId: number } {
  const end = bytes.length - ROW_ID_SIZE;
  return { key: bytes.toString('latin1', start, end), rowId: bytes.readUIntBE(end, ROW_ID_SIZE) };
}

function begin(changes: CommitChanges): void {
  out.reset();
  writeVarint(changes.xid, out);
}

/** Ends a part; others may use the scratch buffer before the next one begins. */
function* cut(changes: CommitChanges): Generator<Buffer, void> {
  yield out.copy();
  begin(changes);
}

function* writeHeaps(changes: CommitChanges, partSize: number): Generator<Buffer> {
  for (const writes of changes.heaps) {
    let named = false;
    for (const page of writes.pages.values()) {
      if (out.length >= partSize) {
        yield* cut(changes);
        named = false;
      }
      if (!named) {
        out.u8(OP.heap);
        writeVarint(writes.heap.id, out);
        named = true;
      }
      if (!writePage(page)) forEachChange(page, writeRow);
    }
  }
}

/** A page of new rows goes to the log and to the store as the same bytes. Returns false when it is not one. */
function writePage(page: PageWrites): boolean {
  if (!page.isPrivate) return false;
  const rows = new Array<Row | null>(PAGE_ROWS).fill(null);
  let count = 0;
  for (let i = 0; i < page.slots.length; i++) {
    const row = page.entries[i]?.row ?? null;
    if (row !== null) count++;
    rows[page.slots[i]] = row;
  }
  if (count < MIN_BLOCK_ROWS) return false;
  page.block = encodePage(rows, MAX_BLOCK_BYTES);
  if (page.block === null) return false;
  out.u8(OP.page);
  writeVarint(page.pageNo, out);
  writeVarint(count, out);
  writeVarint(page.block.length, out);
  out.bytes(page.block);
  return true;
}

function writeRow(rowId: number, row: Row | null, base: Row | null): void {
  out.u8(row === null ? OP.deleteRow : base === null ? OP.insert : OP.update);
  writeVarint(rowId, out);
  if (row === null) return;
  rowScratch.reset();
  encodeRow(row, rowScratch);
  writeVarint(rowScratch.length, out);
  out.bytes(rowScratch.view());
}

function* writeIndexes(changes: CommitChanges, partSize: number): Generator<Buffer> {
  let seen = 0;
  for (const writes of changes.indexes) {
    let named = false;
    const { keyed, appended } = writes.singles;
    for (const [key, first] of keyed) {
      for (let write: typeof first | null = first; write !== null; write = write.next) {
        const { effect } = write;
        // Of many that were rolled back to a savepoint little or nothing is written.
        if (out.length >= partSize || (++seen % ENTRIES_AT_ONCE === 0 && partSize !== Number.POSITIVE_INFINITY)) {
          yield* cut(changes);
          named = false;
        }
        if (effect === 'none') continue;
        if (!named) {
          out.u8(OP.index);
          writeVarint(writes.index.id, out);
          named = true;
        }
        writeEntry(key, write.rowId, effect === 'put');
      }
    }
    const { id } = writes.index;
    if (appended !== null) yield* writePacked(changes, id, appended, OP.putEntry, partSize);
    for (const removed of writes.removed ?? []) yield* writePacked(changes, id, removed, OP.deleteEntry, partSize);
  }
}

function* writePacked(
  changes: CommitChanges,
  index: StorageId,
  entries: AppendedEntries | RemovedEntries,
  operation: number,
  partSize: number,
): Generator<Buffer> {
  let named = false;
  for (let i = 0; i < entries.count; i++) {
    if (out.length >= partSize) {
      yield* cut(changes);
      named = false;
    }
    if (!named) {
      out.u8(OP.index);
      writeVarint(index, out);
      named = true;
    }
    const key = entries.keyBytes(i);
    out.u8(operation);
    writeVarint(key.length, out);
    out.bytes(key);
    writeVarint(entries.rowIdAt(i), out);
  }
}

function writeEntry(key: string, rowId: RowId, put: boolean): void {
  out.u8(put ? OP.putEntry : OP.deleteEntry);
  writeVarint(key.length, out);
  out.latin1(key);
  writeVarint(rowId, out);
}

function writeEntryBlocks({ entryBlocks }: CommitChanges): void {
  for (const { index, blocks } of entryBlocks) {
    out.u8(OP.index);
    writeVarint(index, out);
    for (const { count, bytes } of blocks) {
      out.u8(OP.entries);
      writeVarint(count, out);
      writeVarint(bytes.length, out);
      out.bytes(bytes);
    }
  }
}

/** Rows are the same bytes there and in the log. */
function writeAsidePage(pageNo: number, bytes: Buffer): void {
  forEachAside(bytes, (slot, start, end, hadBase) => {
    out.u8(start === end ? OP.deleteRow : hadBase ? OP.update : OP.insert);
    writeVarint(pageNo * PAGE_ROWS + slot, out);
    if (start === end) return;
    writeVarint(end - start, out);
    out.bytes(bytes.subarray(start, end));
  });
}

/** Before the changes of the new storages themselves. */
function writeCreated(changes: CommitChanges): void {
  for (const { id } of changes.created) {
    out.u8(OP.created);
    writeVarint(id, out);
  }
}

function writeRest(changes: CommitChanges): void {
  for (const [id, state] of changes.sequences) {
    out.u8(OP.sequence);
    writeVarint(id, out);
    datums.write(state.lastValue, out);
    out.u8(state.isCalled ? 1 : 0);
  }
  for (const [name, value] of changes.meta) {
    out.u8(OP.meta);
    writeVarint(name.length, out);
    out.latin1(name);
    writeVarint(value.length, out);
    out.bytes(value);
  }
  for (const id of changes.dropped) {
    out.u8(OP.dropped);
    writeVarint(id, out);
  }
  for (const lsn of changes.cancelled) {
    out.u8(OP.cancelled);
    writeVarint(lsn, out);
  }
}

function slice(cursor: ByteCursor, length: number): Buffer {
  const start = cursor.position;
  if (start + length > cursor.end) throw new RowCorruption('a log record ends too early');
  cursor.position = start + length;
  return cursor.bytes.subarray(start, start + length);
}

function readText(cursor: ByteCursor): string {
  return slice(cursor, readVarint(cursor)).toString('latin1');
}

function readOperation(cursor: ByteCursor, storage: StorageId, visitor: CommitVisitor): StorageId {
  const op = cursor.bytes[cursor.position++];
  switch (op) {
    case OP.heap:
    case OP.index:
      return readVarint(cursor);
    case OP.insert:
    case OP.update: {
      const rowId = readVarint(cursor);
      visitor.putRow(storage, rowId, slice(cursor, readVarint(cursor)), op === OP.insert);
      return storage;
    }
    case OP.page: {
      const pageNo = readVarint(cursor);
      const rows = readVarint(cursor);
      visitor.putPage(storage, pageNo, rows, slice(cursor, readVarint(cursor)));
      return storage;
    }
    case OP.deleteRow:
      visitor.deleteRow(storage, readVarint(cursor));
      return storage;
    case OP.putEntry:
    case OP.deleteEntry: {
      const key = readText(cursor);
      const rowId = readVarint(cursor);
      if (op === OP.putEntry) visitor.putEntry(storage, key, rowId);
      else visitor.deleteEntry(storage, key, rowId);
      return storage;
    }
    case OP.entries: {
      const count = readVarint(cursor);
      visitor.putEntries(storage, count, slice(cursor, readVarint(cursor)));
      return storage;
    }
    case OP.sequence: {
      const id = readVarint(cursor);
      const lastValue = datums.read(cursor);
      if (typeof lastValue !== 'number' && typeof lastValue !== 'bigint')
        throw new RowCorruption('a sequence has no number');
      visitor.sequence(id, { lastValue, isCalled: cursor.bytes[cursor.position++] === 1 });
      return storage;
    }
    case OP.meta: {
      const name = readText(cursor);
      visitor.meta(name, Buffer.from(slice(cursor, readVarint(cursor))));
      return storage;
    }
    case OP.created:
      visitor.created(readVarint(cursor));
      return storage;
    case OP.dropped:
      visitor.dropped(readVarint(cursor));
      return storage;
    case OP.cancelled:
      visitor.cancelled(readVarint(cursor));
      return storage;
    default:
      throw new RowCorruption(`a log record has the unknown operation ${op}`);
  }
}

export const binaryForm: StoredForm = {
  encodeRow: rowBytes,

  decodeRow: (bytes) => decodeRow(bytes),

  rowKey(id, rowId) {
    const key = Buffer.allocUnsafe(ID_SIZE + ROW_ID_SIZE);
    key.writeUInt32BE(id, 0);
    writeRowId(key, rowId, ID_SIZE);
    return key;
  },

  encodePage,

  decodePage,

  pageKey(id, pageNo) {
    const key = Buffer.allocUnsafe(ID_SIZE + PAGE_NO_SIZE);
    key.writeUInt32BE(id, 0);
    key.writeUIntBE(pageNo, ID_SIZE, PAGE_NO_SIZE);
    return key;
  },

  pageNoOf: (key) => key.readUIntBE(ID_SIZE, PAGE_NO_SIZE),

  slotOf: (key) => (key.length === ID_SIZE + PAGE_NO_SIZE ? -1 : key[ID_SIZE + PAGE_NO_SIZE]),

  entryKey(id, key, rowId) {
    const bytes = Buffer.allocUnsafe(ID_SIZE + key.length + ROW_ID_SIZE);
    bytes.writeUInt32BE(id, 0);
    bytes.write(key, ID_SIZE, 'latin1');
    writeRowId(bytes, rowId, ID_SIZE + key.length);
    return bytes;
  },

  entryValue(key) {
    const value = Buffer.allocUnsafe(CHECKSUM_SIZE);
    value.writeUInt32BE(crc32c(key), 0);
    return value;
  },

  entryOf(bytes, value) {
    const removed = value.length === REMOVED_SIZE;
    if (value.length > 0 && ((value.length !== CHECKSUM_SIZE && !removed) || value.readUInt32BE(0) !== crc32c(bytes)))
      throw new RowCorruption('the checksum of an index entry is wrong');
    return { ...entryAt(bytes, ID_SIZE), removed };
  },

  removedValue(key) {
    const value = Buffer.alloc(REMOVED_SIZE);
    value.writeUInt32BE(crc32c(key), 0);
    return value;
  },

  entryBlockKey(id, key, rowId) {
    const bytes = Buffer.allocUnsafe(ID_SIZE + 1 + key.length + ROW_ID_SIZE);
    bytes.writeUInt32BE(id, 0);
    bytes[ID_SIZE] = BLOCK_SPACE;
    bytes.write(key, ID_SIZE + 1, 'latin1');
    writeRowId(bytes, rowId, ID_SIZE + 1 + key.length);
    return bytes;
  },

  entryBlockStart: (key) => entryAt(key, ID_SIZE + 1),

  entryRange: (id) => ({ gte: idKey(id), lt: idKey(id, MARK_SPACE) }),

  entryBlockRange: (id) => ({ gte: idKey(id, BLOCK_SPACE), lt: idKey(id + 1) }),

  entryBlockMark: (id) => idKey(id, MARK_SPACE),

  storageRange(id) {
    return { gte: idKey(id), lt: idKey(id + 1) };
  },

  systemKey: (name) => Buffer.from(`\0\0\0\0${name}`, 'latin1'),
  systemRange: { gte: Buffer.from('\0\0\0\0', 'latin1'), lt: Buffer.from('\0\0\0\x01', 'latin1') },

  *encodeCommit(changes, partSize) {
    begin(changes);
    writeCreated(changes);
    yield* writeHeaps(changes, partSize);
    yield* writeIndexes(changes, partSize);
    writeEntryBlocks(changes);
    writeRest(changes);
    yield out.copy();
  },

  encodeAside(xid, part) {
    out.reset();
    writeVarint(xid, out);
    if (part.kind === 'pages') {
      out.u8(OP.heap);
      writeVarint(part.heap, out);
      for (const { pageNo, bytes } of part.pages) writeAsidePage(pageNo, bytes);
    } else {
      out.u8(OP.index);
      writeVarint(part.index, out);
      for (const { key, rowId, put } of part.changes) writeEntry(key, rowId, put);
    }
    return out.copy();
  },

  readCommit(payload, visitor) {
    const cursor: ByteCursor = { bytes: payload, position: 0, end: payload.length };
    const xid = readVarint(cursor);
    let storage: StorageId = 0;
    while (cursor.position < cursor.end) storage = readOperation(cursor, storage, visitor);
    return xid;
  },
};

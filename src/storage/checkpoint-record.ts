/**
 * The record that a checkpoint writes with its synced batch: from where to replay the log, and the counters as they
 * were there. Kept under the system key "checkpoint"; the format version has a key of its own, so that a server
 * can refuse a newer store before it reads anything else. A byte with the record's version, the CRC-32C of what follows (4
 * bytes, big-endian), then JSON.
 */
import { KvError } from '../kv/kv-error.js';
import { crc32c } from '../util/crc32c.js';
import type { Lsn, SequenceState, StorageId } from './api.js';
import type { NamedCopies } from './prepared/prepared-checkpoint.js';
import type { PreparedCopy } from './prepared/prepared-copies.js';
import { emptyState, type HeapState, type StoreState } from './store-state.js';

/** Version of everything on disk. A server refuses newer ones. 2: log records of type 3, `redoLsn`. 3: pages as blocks. 4: prepared transactions, checksums of index entries and of this record. 5: index entries as blocks. */
export const FORMAT_VERSION = 5;

/** Do not change this value. */
const RECORD_VERSION = 1;
/** Version and checksum. */
const HEAD_SIZE = 5;
const BRACE = '{'.charCodeAt(0);

export interface Checkpoint extends NamedCopies {
  /** Everything up to here is in the KvStore. */
  readonly lsn: Lsn;
  /** From where the log holds changes of transactions that were not over; at most `lsn`. */
  readonly redoLsn: Lsn;
  /** Storages that were dropped and may not be cleared yet. */
  readonly drops: StorageId[];
  readonly state: StoreState;
}

interface CheckpointJson {
  lsn: number;
  /** Absent before version 2: the same as `lsn`. */
  redoLsn?: number;
  nextStorageId: number;
  nextXid: number;
  drops: number[];
  /** Absent before version 4. */
  prepared?: PreparedCopy[];
  aborted?: PreparedCopy[];
  heaps: [id: number, rowCount: number, nextRowId: number][];
  indexes: [id: number, entryCount: number][];
  /** Values as decimal strings: they may be beyond the safe integers. */
  sequences: [id: number, lastValue: string, isCalled: boolean][];
  /** Base64. */
  meta: [key: string, value: string][];
}

export function encodeCheckpoint({ lsn, redoLsn, drops, prepared, aborted, state }: Checkpoint): Buffer {
  const json: CheckpointJson = {
    lsn,
    redoLsn,
    nextStorageId: state.nextStorageId,
    nextXid: state.nextXid,
    drops,
    prepared: [...prepared],
    aborted: [...aborted],
    heaps: [...state.heaps].map(([id, heap]) => [id, heap.rowCount, heap.nextRowId]),
    indexes: [...state.indexes],
    sequences: [...state.sequences].map(([id, { lastValue, isCalled }]) => [id, String(lastValue), isCalled]),
    meta: [...state.meta].map(([key, value]) => [key, value.toString('base64')]),
  };
  const text = Buffer.from(JSON.stringify(json));
  const head = Buffer.alloc(HEAD_SIZE);
  head[0] = RECORD_VERSION;
  head.writeUInt32BE(crc32c(text), 1);
  return Buffer.concat([head, text]);
}

export function decodeCheckpoint(bytes: Buffer | undefined): Checkpoint {
  if (bytes === undefined) return { lsn: 0, redoLsn: 0, drops: [], prepared: [], aborted: [], state: emptyState() };
  // Written by encodeCheckpoint under the same format version.
  const json = JSON.parse(checked(bytes).toString()) as CheckpointJson;
  return {
    lsn: json.lsn,
    redoLsn: json.redoLsn ?? json.lsn,
    drops: json.drops,
    prepared: json.prepared ?? [],
    aborted: json.aborted ?? [],
    state: {
      nextStorageId: json.nextStorageId,
      nextXid: json.nextXid,
      heaps: new Map(json.heaps.map(([id, rowCount, nextRowId]): [number, HeapState] => [id, { rowCount, nextRowId }])),
      indexes: new Map(json.indexes),
      sequences: new Map(
        json.sequences.map(([id, last, isCalled]): [number, SequenceState] => [
          id,
          { lastValue: safe(last), isCalled },
        ]),
      ),
      meta: new Map(json.meta.map(([key, value]): [string, Buffer] => [key, Buffer.from(value, 'base64')])),
    },
  };
}

/** The JSON text. Before version 4 there was no checksum: the record began with its brace. */
function checked(bytes: Buffer): Buffer {
  if (bytes[0] === BRACE) return bytes;
  const text = bytes.subarray(HEAD_SIZE);
  if (bytes[0] !== RECORD_VERSION || bytes.length <= HEAD_SIZE || bytes.readUInt32BE(1) !== crc32c(text))
    throw new KvError('corrupt', 'the checksum of the checkpoint record is wrong');
  return text;
}

function safe(digits: string): number | bigint {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : BigInt(digits);
}

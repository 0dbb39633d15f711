/**
 * Prepared transactions in the KvStore: a checkpoint copies those that it finds there, because the log before it is given
 * up. The checkpoint's record names them; a copy that it does not name means nothing. Keys: encoding/FORMAT.md.
 */
import type { KvOperation, KvReads, KvStore } from '../../kv/kv-store.js';
import type { Lsn } from '../api.js';
import type { StoredRecord } from '../commit-log.js';
import type { StoredForm } from '../stored-form.js';

/** Transaction id, the number of parts, and the number of parts that it had stored before (spill.ts). */
export type PreparedCopy = [xid: number, parts: number, stored: number];

const PREFIX = 'prepared/';
const LSN_SIZE = 8;
const LEAST_SUFFIX = Buffer.of(0);
/** Values read at a time; they may be large. */
const SCAN_CHUNK = 8;

export class PreparedCopies {
  constructor(
    private readonly kv: KvReads,
    private readonly form: StoredForm,
  ) {}

  private recordKey(xid: number): Buffer {
    return this.form.systemKey(`${PREFIX}${xid}`);
  }

  private partKey(xid: number, part: number): Buffer {
    return this.form.systemKey(`${PREFIX}${xid}/${part}`);
  }

  private storedKey(xid: number, part: number): Buffer {
    return this.form.systemKey(`${PREFIX}${xid}/stored/${part}`);
  }

  putRecord(xid: number, value: Buffer): KvOperation {
    return { type: 'put', key: this.recordKey(xid), value };
  }

  putPart(xid: number, part: number, value: Buffer): KvOperation {
    return { type: 'put', key: this.partKey(xid, part), value };
  }

  /** With the place that it had in the log, its name in memory. */
  putStored(xid: number, part: number, lsn: Lsn, payload: Buffer): KvOperation {
    const value = Buffer.allocUnsafe(LSN_SIZE + payload.length);
    value.writeBigUInt64BE(BigInt(lsn), 0);
    payload.copy(value, LSN_SIZE);
    return { type: 'put', key: this.storedKey(xid, part), value };
  }

  /** Removes everything but the copies of these transactions, such as copies that a crash has cut off. */
  async *removeOthers(kv: KvStore, xids: { has(xid: number): boolean }): AsyncIterable<KvOperation> {
    const range = { gte: this.form.systemKey(PREFIX), lt: this.form.systemKey(`${PREFIX}:`) };
    const start = range.gte.length;
    for await (const chunk of kv.scan(range, SCAN_CHUNK)) {
      for (const [key] of chunk) {
        if (!xids.has(Number.parseInt(key.toString('latin1', start), 10))) yield { type: 'del', key };
      }
    }
  }

  *remove([xid, parts, stored]: PreparedCopy): Iterable<KvOperation> {
    yield { type: 'del', key: this.recordKey(xid) };
    for (let part = 0; part < parts; part++) yield { type: 'del', key: this.partKey(xid, part) };
    for (let part = 0; part < stored; part++) yield { type: 'del', key: this.storedKey(xid, part) };
  }

  /** Payload of the PREPARED_RECORD. @throws Error when it is missing, and so do the others */
  readRecord([xid]: PreparedCopy): Promise<Buffer> {
    return this.get(this.recordKey(xid));
  }

  /** Payloads of the PREPARED_PART_RECORDs, one at a time: all changes but those that were stored before. */
  async *readParts([xid, parts]: PreparedCopy): AsyncIterable<Buffer> {
    for (let part = 0; part < parts; part++) yield await this.get(this.partKey(xid, part));
  }

  /** The parts that were stored before, in order. */
  async *readStored([xid, , stored]: PreparedCopy): AsyncIterable<StoredRecord> {
    for (let part = 0; part < stored; part++) {
      const value = await this.get(this.storedKey(xid, part));
      const payload = value.subarray(LSN_SIZE);
      yield {
        lsn: Number(value.readBigUInt64BE(0)),
        payload,
        read: (visitor) => this.form.readCommit(payload, visitor),
      };
    }
  }

  /** Waits, as reading a range does, while the KvStore is being opened anew. */
  private async get(key: Buffer): Promise<Buffer> {
    const [found] = await this.kv.range({ gte: key, lt: Buffer.concat([key, LEAST_SUFFIX]), limit: 1 });
    if (found === undefined)
      throw new Error(`the store has lost a part of a prepared transaction: ${key.toString('latin1')}`);
    return found[1];
  }
}

/**
 * Prepared transactions in the KvStore: a checkpoint copies those that it finds there, because the log before it is given
 * up. The checkpoint's record names them; a copy that it does not name means nothing. Keys: encoding/FORMAT.md.
 */
import type { KvOperation, KvStore } from '../../kv/kv-store.js';
import type { StoredForm } from '../stored-form.js';

/** Transaction id, and the number of parts. */
export type PreparedCopy = [xid: number, parts: number];

export interface PreparedPayloads {
  /** Payload of the PREPARED_RECORD. */
  readonly record: Buffer;
  /** Payloads of the PREPARED_PART_RECORDs: all changes. */
  readonly parts: readonly Buffer[];
}

export function recordKey(form: StoredForm, xid: number): Buffer {
  return form.systemKey(`prepared/${xid}`);
}

export function partKey(form: StoredForm, xid: number, part: number): Buffer {
  return form.systemKey(`prepared/${xid}/${part}`);
}

/** @throws Error when the copy is not there as a whole */
export function readCopy(kv: KvStore, form: StoredForm, [xid, count]: PreparedCopy): PreparedPayloads {
  const get = (key: Buffer): Buffer => {
    const value = kv.getSync(key);
    if (value === undefined) throw new Error(`the store has lost the prepared transaction ${xid}`);
    return value;
  };
  const parts: Buffer[] = [];
  for (let part = 0; part < count; part++) parts.push(get(partKey(form, xid, part)));
  return { record: get(recordKey(form, xid)), parts };
}

export function* putCopy(form: StoredForm, xid: number, { record, parts }: PreparedPayloads): Iterable<KvOperation> {
  yield { type: 'put', key: recordKey(form, xid), value: record };
  for (const [part, value] of parts.entries()) yield { type: 'put', key: partKey(form, xid, part), value };
}

export function* removeCopy(form: StoredForm, [xid, count]: PreparedCopy): Iterable<KvOperation> {
  yield { type: 'del', key: recordKey(form, xid) };
  for (let part = 0; part < count; part++) yield { type: 'del', key: partKey(form, xid, part) };
}

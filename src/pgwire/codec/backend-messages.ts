/**
 * Writes backend messages straight into the connection's output. One small function a message; DataRow has its own
 * file, errors and notices too. Lengths are patched in when the body is known.
 */

import type { ByteWriter } from '../../util/byte-writer.js';
import { BACKEND, STARTUP } from './message-types.js';
import type { FieldDescription, Format, TransactionStatus } from './wire-types.js';

/** A message without a body. */
function writeBare(out: ByteWriter, type: number): void {
  out.reserve(5);
  const { buffer } = out;
  const at = out.length;
  buffer[at] = type;
  buffer[at + 1] = 0;
  buffer[at + 2] = 0;
  buffer[at + 3] = 0;
  buffer[at + 4] = 4;
  out.length = at + 5;
}

/** Opens a message; returns the place of its length word for `finish`. */
function begin(out: ByteWriter, type: number): number {
  out.u8(type);
  const start = out.length;
  out.i32(0);
  return start;
}

function finish(out: ByteWriter, start: number): void {
  out.patchI32(start, out.length - start);
}

export function writeParseComplete(out: ByteWriter): void {
  writeBare(out, BACKEND.parseComplete);
}

export function writeBindComplete(out: ByteWriter): void {
  writeBare(out, BACKEND.bindComplete);
}

export function writeCloseComplete(out: ByteWriter): void {
  writeBare(out, BACKEND.closeComplete);
}

export function writeNoData(out: ByteWriter): void {
  writeBare(out, BACKEND.noData);
}

export function writePortalSuspended(out: ByteWriter): void {
  writeBare(out, BACKEND.portalSuspended);
}

export function writeEmptyQueryResponse(out: ByteWriter): void {
  writeBare(out, BACKEND.emptyQueryResponse);
}

export function writeCopyDone(out: ByteWriter): void {
  writeBare(out, BACKEND.copyDone);
}

export function writeReadyForQuery(out: ByteWriter, status: TransactionStatus): void {
  out.reserve(6);
  const { buffer } = out;
  const at = out.length;
  buffer[at] = BACKEND.readyForQuery;
  buffer[at + 1] = 0;
  buffer[at + 2] = 0;
  buffer[at + 3] = 0;
  buffer[at + 4] = 5;
  buffer[at + 5] = status.charCodeAt(0);
  out.length = at + 6;
}

export function writeCommandComplete(out: ByteWriter, tag: string): void {
  const length = tag.length;
  out.reserve(length + 6);
  const { buffer } = out;
  const at = out.length;
  buffer[at] = BACKEND.commandComplete;
  buffer.writeInt32BE(length + 5, at + 1);
  // Tags are short ASCII words: see the CommandComplete table of the protocol.
  for (let i = 0; i < length; i++) buffer[at + 5 + i] = tag.charCodeAt(i);
  buffer[at + 5 + length] = 0;
  out.length = at + 6 + length;
}

export function writeParameterDescription(out: ByteWriter, types: readonly number[]): void {
  const start = begin(out, BACKEND.parameterDescription);
  out.u16(types.length);
  for (const type of types) out.u32(type);
  finish(out, start);
}

export function writeRowDescription(
  out: ByteWriter,
  fields: readonly FieldDescription[],
  formats: readonly Format[],
): void {
  const start = begin(out, BACKEND.rowDescription);
  out.u16(fields.length);
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    out.cstring(field.name);
    out.u32(field.tableOid);
    out.i16(field.columnNumber);
    out.u32(field.typeOid);
    out.i16(field.typeLength);
    out.i32(field.typmod);
    out.i16(formats[i]);
  }
  finish(out, start);
}

export function writeParameterStatus(out: ByteWriter, name: string, value: string): void {
  const start = begin(out, BACKEND.parameterStatus);
  out.cstring(name);
  out.cstring(value);
  finish(out, start);
}

export function writeBackendKeyData(out: ByteWriter, pid: number, secret: number): void {
  const start = begin(out, BACKEND.backendKeyData);
  out.i32(pid);
  out.i32(secret);
  finish(out, start);
}

export function writeNotificationResponse(out: ByteWriter, pid: number, channel: string, payload: string): void {
  const start = begin(out, BACKEND.notificationResponse);
  out.i32(pid);
  out.cstring(channel);
  out.cstring(payload);
  finish(out, start);
}

/** Says that the newest we speak is 3.0, and which `_pq_.` options we do not know. */
export function writeNegotiateProtocolVersion(out: ByteWriter, unknownOptions: readonly string[]): void {
  const start = begin(out, BACKEND.negotiateProtocolVersion);
  out.i32(STARTUP.protocol3);
  out.i32(unknownOptions.length);
  for (const option of unknownOptions) out.cstring(option);
  finish(out, start);
}

export function writeAuthenticationOk(out: ByteWriter): void {
  const start = begin(out, BACKEND.authentication);
  out.i32(0);
  finish(out, start);
}

export function writeAuthenticationCleartextPassword(out: ByteWriter): void {
  const start = begin(out, BACKEND.authentication);
  out.i32(3);
  finish(out, start);
}

/** `salt`: four bytes. */
export function writeAuthenticationMd5Password(out: ByteWriter, salt: Buffer): void {
  const start = begin(out, BACKEND.authentication);
  out.i32(5);
  out.bytes(salt);
  finish(out, start);
}

export function writeAuthenticationSasl(out: ByteWriter, mechanisms: readonly string[]): void {
  const start = begin(out, BACKEND.authentication);
  out.i32(10);
  for (const mechanism of mechanisms) out.cstring(mechanism);
  out.u8(0);
  finish(out, start);
}

export function writeAuthenticationSaslContinue(out: ByteWriter, data: string): void {
  const start = begin(out, BACKEND.authentication);
  out.i32(11);
  out.utf8(data);
  finish(out, start);
}

export function writeAuthenticationSaslFinal(out: ByteWriter, data: string): void {
  const start = begin(out, BACKEND.authentication);
  out.i32(12);
  out.utf8(data);
  finish(out, start);
}

/** Which of the three COPY responses. */
export type CopyDirection = 'in' | 'out' | 'both';

const COPY_RESPONSE: Record<CopyDirection, number> = {
  in: BACKEND.copyInResponse,
  out: BACKEND.copyOutResponse,
  both: BACKEND.copyBothResponse,
};

export function writeCopyResponse(
  out: ByteWriter,
  direction: CopyDirection,
  format: Format,
  columnFormats: readonly Format[],
): void {
  const start = begin(out, COPY_RESPONSE[direction]);
  out.u8(format);
  out.u16(columnFormats.length);
  for (const columnFormat of columnFormats) out.i16(columnFormat);
  finish(out, start);
}

export function writeCopyData(out: ByteWriter, data: Uint8Array): void {
  out.u8(BACKEND.copyData);
  out.i32(data.length + 4);
  out.bytes(data);
}

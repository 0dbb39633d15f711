/**
 * Decodes the bodies of frontend messages: one small function a message. The cursor stands at the body's start;
 * values of parameters are not copied but given as ranges of the cursor's bytes.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { MessageCursor } from './message-cursor.js';
import type { BindParameters, Format } from './wire-types.js';

const NO_NUMBERS: readonly number[] = [];
const NO_FORMATS: readonly Format[] = [];
const ONE_TEXT: readonly Format[] = [0];
const ONE_BINARY: readonly Format[] = [1];

export function decodeQuery(cursor: MessageCursor): string {
  const sql = cursor.cstring();
  cursor.finish();
  return sql;
}

export interface ParseMessage {
  readonly name: string;
  readonly sql: string;
  /** OIDs, 0 where the server is to find the type out. */
  readonly parameterTypes: readonly number[];
}

export function decodeParse(cursor: MessageCursor): ParseMessage {
  const name = cursor.cstring();
  const sql = cursor.cstring();
  const count = cursor.u16();
  let parameterTypes = NO_NUMBERS;
  if (count > 0) {
    const types: number[] = [];
    for (let i = 0; i < count; i++) types.push(cursor.u32());
    parameterTypes = types;
  }
  cursor.finish();
  return { name, sql, parameterTypes };
}

export interface BindMessage {
  readonly portal: string;
  readonly statement: string;
  readonly parameters: BindParameters;
  readonly resultFormats: readonly Format[];
}

export function decodeBind(cursor: MessageCursor): BindMessage {
  const portal = cursor.cstring();
  const statement = cursor.cstring();
  const sentFormats = readFormats(cursor);
  const count = cursor.u16();
  const formats = expandFormats(sentFormats, count);
  let starts = NO_NUMBERS;
  let ends = NO_NUMBERS;
  if (count > 0) {
    const startList: number[] = [];
    const endList: number[] = [];
    for (let i = 0; i < count; i++) {
      const length = cursor.i32();
      const start = length === -1 ? -1 : cursor.advance(length);
      startList.push(start);
      endList.push(start === -1 ? -1 : start + length);
    }
    starts = startList;
    ends = endList;
  }
  const resultFormats = readFormats(cursor);
  cursor.finish();
  return { portal, statement, parameters: { bytes: cursor.bytes, starts, ends, formats }, resultFormats };
}

/** A count and that many format codes. */
function readFormats(cursor: MessageCursor): readonly Format[] {
  const count = cursor.u16();
  if (count === 0) return NO_FORMATS;
  if (count === 1) return readFormat(cursor) === 0 ? ONE_TEXT : ONE_BINARY;
  const formats: Format[] = [];
  for (let i = 0; i < count; i++) formats.push(readFormat(cursor));
  return formats;
}

function readFormat(cursor: MessageCursor): Format {
  const code = cursor.u16();
  if (code === 0 || code === 1) return code;
  throw sqlError('invalid_parameter_value', `unsupported format code: ${code}`);
}

/** None means text for all, one is for all. Throws 08P01 for any other count that is not `count`. */
export function expandFormats(sent: readonly Format[], count: number): readonly Format[] {
  if (sent.length === count) return sent;
  if (sent.length > 1) {
    throw sqlError('protocol_violation', `bind message has ${sent.length} parameter formats but ${count} parameters`);
  }
  if (count === 0) return NO_FORMATS;
  const format = sent.length === 0 ? 0 : sent[0];
  if (count === 1) return format === 0 ? ONE_TEXT : ONE_BINARY;
  const formats: Format[] = [];
  for (let i = 0; i < count; i++) formats.push(format);
  return formats;
}

export interface ExecuteMessage {
  readonly portal: string;
  /** 0 for all. */
  readonly maxRows: number;
}

export function decodeExecute(cursor: MessageCursor): ExecuteMessage {
  const portal = cursor.cstring();
  const maxRows = cursor.i32();
  cursor.finish();
  // Zero and negative counts both mean "all".
  return { portal, maxRows: Math.max(maxRows, 0) };
}

export interface TargetMessage {
  readonly kind: 'statement' | 'portal';
  readonly name: string;
}

/** Describe and Close; `word` is the message's name as errors spell it. */
export function decodeTarget(cursor: MessageCursor, word: 'DESCRIBE' | 'CLOSE'): TargetMessage {
  const subtype = cursor.u8();
  const name = cursor.cstring();
  cursor.finish();
  if (subtype === 0x53) return { kind: 'statement', name };
  if (subtype === 0x50) return { kind: 'portal', name };
  throw sqlError('protocol_violation', `invalid ${word} message subtype ${subtype}`);
}

/** The client's reason. */
export function decodeCopyFail(cursor: MessageCursor): string {
  const reason = cursor.cstring();
  cursor.finish();
  return reason;
}

/** The text of a PasswordMessage; null when it does not end where its terminator stands. */
export function decodePassword(cursor: MessageCursor): string | null {
  const body = cursor.bytes.subarray(cursor.position, cursor.end);
  if (body.indexOf(0) !== body.length - 1) return null;
  return body.toString('utf8', 0, body.length - 1);
}

export interface SaslInitialResponse {
  readonly mechanism: string;
  /** null when the client sent none (length -1). */
  readonly data: Buffer | null;
}

export function decodeSaslInitialResponse(cursor: MessageCursor): SaslInitialResponse {
  const mechanism = cursor.cstring();
  const length = cursor.i32();
  if (length === -1) {
    cursor.finish();
    return { mechanism, data: null };
  }
  const start = cursor.advance(length);
  cursor.finish();
  return { mechanism, data: cursor.bytes.subarray(start, start + length) };
}

/** SASLResponse: all of the body. */
export function decodeSaslResponse(cursor: MessageCursor): Buffer {
  return cursor.bytes.subarray(cursor.position, cursor.end);
}

/**
 * pg_snapshot (and txid_snapshot, its older name): the text `xmin:xmax:xip,…` in canonical form, the running transactions in
 * ascending order without repetition.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';

export interface SnapshotParts {
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly running: readonly bigint[];
}

const FORM = /^\s*(\d+):(\d+):(?:(\d+(?:,\d+)*))?$/;
const LIMIT = 1n << 63n;

export function snapshotParts(text: string): SnapshotParts {
  const [xmin, xmax, list] = text.split(':');
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), running: list === '' ? [] : list.split(',').map(BigInt) };
}

export function snapshotText({ xmin, xmax, running }: SnapshotParts): string {
  return `${xmin}:${xmax}:${running.join(',')}`;
}

/** Null where the numbers make no snapshot. */
function checked(xmin: bigint, xmax: bigint, given: readonly bigint[]): SnapshotParts | null {
  if (xmin === 0n || xmax === 0n || xmin > xmax || xmin >= LIMIT || xmax >= LIMIT) return null;
  const running: bigint[] = [];
  let last = 0n;
  for (const xid of given) {
    if (xid < xmin || xid >= xmax || xid < last) return null;
    if (xid !== last) running.push(xid);
    last = xid;
  }
  return { xmin, xmax, running };
}

class SnapshotCodec implements TypeCodec<string> {
  private syntaxError(text: string): SqlError {
    return sqlError('invalid_text_representation', `invalid input syntax for type pg_snapshot: "${text}"`);
  }

  parse(text: string): string {
    const match = FORM.exec(text);
    if (match === null) throw this.syntaxError(text);
    const running = (match[3] ?? '').split(',').filter((part) => part !== '');
    const parts = checked(BigInt(match[1]), BigInt(match[2]), running.map(BigInt));
    if (parts === null) throw this.syntaxError(text);
    return snapshotText(parts);
  }

  format(value: string): string {
    return value;
  }

  receive(bytes: Buffer, start: number, end: number): string {
    const malformed = (): SqlError => sqlError('invalid_binary_representation', 'invalid external pg_snapshot data');
    if (end - start < 20) throw malformed();
    const count = bytes.readInt32BE(start);
    if (count < 0 || end - start !== 20 + count * 8) throw malformed();
    const word = (i: number): bigint => bytes.readBigInt64BE(start + 4 + i * 8);
    const parts = checked(
      word(0),
      word(1),
      Array.from({ length: count }, (_, i) => word(i + 2)),
    );
    if (parts === null) throw malformed();
    return snapshotText(parts);
  }

  send(value: string, out: ByteWriter): void {
    const { xmin, xmax, running } = snapshotParts(value);
    out.i32(running.length);
    for (const xid of [xmin, xmax, ...running]) out.i64(xid);
  }

  /** There is no order in SQL; this one is that of the texts. */
  compare(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  groupKey(value: string): GroupKey {
    return value;
  }

  encodeKey(value: string): string {
    return `${value}\0`;
  }
}

export const snapshotCodec: TypeCodec<string> = new SnapshotCodec();

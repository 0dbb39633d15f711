/** Codecs of macaddr and macaddr8. Values are text: six or eight bytes, lower case, with colons. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';

const MAC =
  /^\s*(?:([0-9a-f]{1,2})([:-])([0-9a-f]{1,2})\2([0-9a-f]{1,2})\2([0-9a-f]{1,2})\2([0-9a-f]{1,2})\2([0-9a-f]{1,2})|([0-9a-f]{6})[:-]?([0-9a-f]{6})|([0-9a-f]{4})[.-]([0-9a-f]{4})[.-]([0-9a-f]{4}))\s*$/i;

export function macOfHex(hex: string): string {
  return hex.match(/../g)?.join(':') ?? '';
}

export function hexOfMac(mac: string): string {
  return mac.replaceAll(':', '');
}

/** Six bytes in the middle of which `ff:fe` makes eight. */
export function widenedMac(mac: string): string {
  return `${mac.slice(0, 8)}:ff:fe:${mac.slice(9)}`;
}

abstract class HardwareCodec implements TypeCodec<string> {
  protected abstract readonly sizes: readonly number[];
  abstract parse(text: string): string;
  /** What an address that came as bytes is kept as. */
  protected abstract received(hex: string): string;

  protected syntaxError(type: string, text: string): SqlError {
    return sqlError('invalid_text_representation', `invalid input syntax for type ${type}: "${text}"`);
  }

  format(value: string): string {
    return value;
  }

  receive(bytes: Buffer, start: number, end: number): string {
    if (!this.sizes.includes(end - start))
      throw sqlError('invalid_binary_representation', 'incorrect binary data format');
    return this.received(bytes.toString('hex', start, end));
  }

  send(value: string, out: ByteWriter): void {
    out.bytes(Buffer.from(hexOfMac(value), 'hex'));
  }

  compare(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  groupKey(value: string): GroupKey {
    return value;
  }

  encodeKey(value: string): string {
    return Buffer.from(hexOfMac(value), 'hex').toString('latin1');
  }
}

class MacCodec extends HardwareCodec {
  protected readonly sizes: readonly number[] = [6];

  parse(text: string): string {
    const match = MAC.exec(text);
    if (match === null) throw this.syntaxError('macaddr', text);
    const parts = match.slice(1).filter((part) => part !== undefined && part !== ':' && part !== '-');
    const hex = parts.length === 6 ? parts.map((part) => part.padStart(2, '0')).join('') : parts.join('');
    return macOfHex(hex.toLowerCase());
  }

  protected received(hex: string): string {
    return macOfHex(hex);
  }
}

class Mac8Codec extends HardwareCodec {
  protected readonly sizes: readonly number[] = [6, 8];

  /** Pairs of digits, all apart by the same separator or not at all; six bytes are widened. */
  parse(text: string): string {
    const body = text.trim();
    const separator = /[:.-]/.exec(body)?.[0];
    const groups = separator === undefined ? [body] : body.split(separator);
    const well = groups.every((group) => /^(?:[0-9a-f]{2})+$/i.test(group));
    const hex = groups.join('').toLowerCase();
    if (!well || (hex.length !== 12 && hex.length !== 16)) throw this.syntaxError('macaddr8', text);
    return this.received(hex);
  }

  protected received(hex: string): string {
    const mac = macOfHex(hex);
    return hex.length === 12 ? widenedMac(mac) : mac;
  }
}

export const macaddrCodec: TypeCodec<string> = new MacCodec();
export const macaddr8Codec: TypeCodec<string> = new Mac8Codec();

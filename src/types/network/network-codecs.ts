/** Codecs of inet and cidr (values are Inet); those of hardware addresses stand in mac-codecs.ts. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { ByteWriter } from '../../util/byte-writer.js';
import type { StoredForm } from '../stored-form.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import { Inet, parseV4, parseV6 } from './inet.js';
import { macaddr8Codec, macaddrCodec } from './mac-codecs.js';

const FAMILY_V4 = 2;
const FAMILY_V6 = 3;

function addressHex(value: Inet, address: bigint): string {
  return address.toString(16).padStart(value.width / 4, '0');
}

class InetCodec implements TypeCodec<Inet> {
  constructor(private readonly cidr: boolean) {}

  private get typeName(): string {
    return this.cidr ? 'cidr' : 'inet';
  }

  private syntaxError(text: string): SqlError {
    return sqlError('invalid_text_representation', `invalid input syntax for type ${this.typeName}: "${text}"`);
  }

  parse(text: string): Inet {
    const slash = text.indexOf('/');
    const host = slash < 0 ? text : text.slice(0, slash);
    const given = slash < 0 ? null : text.slice(slash + 1);
    if (given !== null && !/^\d{1,3}$/.test(given)) throw this.syntaxError(text);
    const value = host.includes(':') ? this.parseWide(host, given, text) : this.parseNarrow(host, given, text);
    if (value.bits > value.width) throw this.syntaxError(text);
    if (this.cidr && (value.address & value.hostmask) !== 0n) {
      throw sqlError('invalid_text_representation', `invalid cidr value: "${text}"`, {
        detail: 'Value has bits set to right of mask.',
      });
    }
    return value;
  }

  private parseWide(host: string, given: string | null, text: string): Inet {
    const address = parseV6(host);
    if (address === null) throw this.syntaxError(text);
    return new Inet(6, address, given === null ? 128 : Number(given));
  }

  private parseNarrow(host: string, given: string | null, text: string): Inet {
    const found = parseV4(host, this.cidr || given !== null);
    if (found === null) throw this.syntaxError(text);
    return new Inet(4, found.address, given === null ? (this.cidr ? classBits(found) : 32) : Number(given));
  }

  format(value: Inet): string {
    return this.cidr || value.bits < value.width ? `${value.host()}/${value.bits}` : value.host();
  }

  receive(bytes: Buffer, start: number, end: number): Inet {
    const family = bytes[start] === FAMILY_V4 ? 4 : 6;
    const size = family === 4 ? 4 : 16;
    if (end - start < 4) throw sqlError('protocol_violation', 'insufficient data left in message');
    if (bytes[start] !== FAMILY_V4 && bytes[start] !== FAMILY_V6) {
      throw sqlError('invalid_binary_representation', `invalid address family in external "${this.typeName}" value`);
    }
    if (bytes[start + 1] > size * 8) {
      throw sqlError('invalid_binary_representation', `invalid bits in external "${this.typeName}" value`);
    }
    if (bytes[start + 3] !== size || end - start !== 4 + size) {
      throw sqlError('invalid_binary_representation', `invalid length in external "${this.typeName}" value`);
    }
    return new Inet(family, BigInt(`0x${bytes.toString('hex', start + 4, end)}`), bytes[start + 1]);
  }

  send(value: Inet, out: ByteWriter): void {
    out.u8(value.family === 4 ? FAMILY_V4 : FAMILY_V6);
    out.u8(value.bits);
    out.u8(this.cidr ? 1 : 0);
    out.u8(value.width / 8);
    out.bytes(Buffer.from(addressHex(value, value.address), 'hex'));
  }

  compare(a: Inet, b: Inet): number {
    return a.compare(b);
  }

  groupKey(value: Inet): GroupKey {
    return `${value.host()}/${value.bits}`;
  }

  /** Family, network, length of the prefix, address: the parts in the order that `compare` looks at them. */
  encodeKey(value: Inet): string {
    const part = (address: bigint): string => Buffer.from(addressHex(value, address), 'hex').toString('latin1');
    return (
      String.fromCharCode(value.family) + part(value.network) + String.fromCharCode(value.bits) + part(value.address)
    );
  }
}

/** The prefix of a cidr without one: by the address's class, but at least the bytes that are written. */
function classBits(found: { address: bigint; bytes: number }): number {
  const first = Number(found.address >> 24n);
  const byClass = first >= 240 ? 32 : first >= 224 ? 8 : first >= 192 ? 24 : first >= 128 ? 16 : 8;
  return Math.max(byClass, found.bytes * 8);
}

export const inetCodec: TypeCodec<Inet> = new InetCodec(false);
export const cidrCodec: TypeCodec<Inet> = new InetCodec(true);

export const networkCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([
  ['inet', inetCodec],
  ['cidr', cidrCodec],
  ['macaddr', macaddrCodec],
  ['macaddr8', macaddr8Codec],
]);

/** Family (4 or 6), length of the prefix, then the address: 4 or 16 bytes. */
export const inetStoredForm: StoredForm<Inet> = {
  tag: 23,
  type: Inet,
  write(value, out) {
    out.u8(value.family);
    out.u8(value.bits);
    out.bytes(Buffer.from(addressHex(value, value.address), 'hex'));
  },
  read(cursor) {
    const { bytes, position } = cursor;
    const family = bytes[position] === 4 ? 4 : 6;
    const end = position + 2 + (family === 4 ? 4 : 16);
    if (end > cursor.end) throw sqlError('data_corrupted', 'stored inet is damaged');
    cursor.position = end;
    return new Inet(family, BigInt(`0x${bytes.toString('hex', position + 2, end)}`), bytes[position + 1]);
  },
};

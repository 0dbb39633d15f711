/** Codecs of the OID alias types (regclass, regtype, …). Names are looked up by the catalog of the context. */
import type { ByteWriter } from '../../util/byte-writer.js';
import { int32Key } from '../array/array-codec.js';
import { BinaryInput } from '../array/binary-input.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { RegKind, TypeContext } from '../type-context.js';

class RegCodec implements TypeCodec<number> {
  constructor(private readonly kind: RegKind) {}

  parse(text: string, cx: TypeContext): number {
    return cx.catalog.regIn(this.kind, text);
  }

  format(value: number, cx: TypeContext): string {
    return cx.catalog.regOut(this.kind, value);
  }

  receive(bytes: Buffer, start: number, end: number): number {
    const input = new BinaryInput(bytes, start, end);
    const value = input.u32();
    input.expectEnd();
    return value;
  }

  send(value: number, out: ByteWriter): void {
    out.u32(value);
  }

  compare(a: number, b: number): number {
    return a - b;
  }

  groupKey(value: number): GroupKey {
    return value;
  }

  encodeKey(value: number): string {
    return int32Key(value ^ 0x80000000);
  }
}

export const REG_KINDS: readonly RegKind[] = [
  'regclass',
  'regtype',
  'regproc',
  'regprocedure',
  'regoper',
  'regoperator',
  'regnamespace',
  'regrole',
  'regcollation',
  'regconfig',
  'regdictionary',
];

export const regCodecs: ReadonlyMap<string, TypeCodec> = new Map(REG_KINDS.map((kind) => [kind, new RegCodec(kind)]));

/** Codec of a domain: its base type's, under a name that tells the base. Constraints are the executor's. */
import type { ByteWriter } from '../../util/byte-writer.js';
import type { Datum } from '../datum.js';
import type { GroupKey, TypeCodec } from '../type-codec.js';
import type { TypeContext } from '../type-context.js';

export class DomainCodec implements TypeCodec {
  /** `typmod`: the domain's own (typtypmod), applied to every input. */
  constructor(
    readonly base: TypeCodec,
    readonly baseType: number,
    readonly typmod: number,
  ) {}

  parse(text: string, cx: TypeContext): Datum {
    return this.base.parse(text, cx, this.typmod);
  }

  format(value: Datum, cx: TypeContext): string {
    return this.base.format(value, cx);
  }

  receive(bytes: Buffer, start: number, end: number, cx: TypeContext): Datum {
    return this.base.receive(bytes, start, end, cx, this.typmod);
  }

  send(value: Datum, out: ByteWriter, cx: TypeContext): void {
    this.base.send(value, out, cx);
  }

  compare(a: Datum, b: Datum): number {
    return this.base.compare(a, b);
  }

  groupKey(value: Datum): GroupKey {
    return this.base.groupKey(value);
  }

  encodeKey(value: Datum): string {
    return this.base.encodeKey(value);
  }
}

export function domainCodec(base: TypeCodec, baseType: number, typmod = -1): TypeCodec {
  return new DomainCodec(base, baseType, typmod);
}

/** The type below a domain (through domains over domains); any other type is its own. */
export function baseTypeOf(type: number, cx: Pick<TypeContext, 'codec'>): number {
  let current = type;
  for (let codec = cx.codec(current); codec instanceof DomainCodec; codec = codec.base) current = codec.baseType;
  return current;
}

/** Codecs of the OID alias types (regclass, regtype, …). Names are looked up by the catalog of the context. */
import { Uint32Codec } from '../numbers/identifier-codecs.js';
import type { TypeCodec } from '../type-codec.js';
import type { RegKind, TypeContext } from '../type-context.js';

/** Stored, sent and ordered as the OID; only the text differs. */
class RegCodec extends Uint32Codec {
  constructor(private readonly kind: RegKind) {
    super((text, cx) => cx.catalog.regIn(kind, text));
  }

  override format(value: number, cx: TypeContext): string {
    return cx.catalog.regOut(this.kind, value);
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

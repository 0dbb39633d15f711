/**
 * Finds the codec of a type from its pg_type row: built-in types by name, the constructed ones (arrays, composites,
 * enums, domains, ranges) from the codecs of their parts.
 */
import { notSupported } from '../errors/sql-error.js';
import { arrayCodec } from '../types/array/array-codec.js';
import { extensionCodecs } from '../types/codecs.js';
import { enumCodec } from '../types/enum/enum-codec.js';
import { multirangeCodec, rangeCodec } from '../types/range/range-codec.js';
import { domainCodec } from '../types/record/domain-codec.js';
import { recordCodec } from '../types/record/record-codec.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { TypeCatalog } from '../types/type-context.js';
import type { EnumValueDesc, RangeDesc, TypeDesc } from './descriptors.js';
import { PG_CATALOG_NAMESPACE } from './known-oids.js';
import type { SystemRow } from './system-row.js';

/** Lookups in the state of the catalogs that the type belongs to. */
export interface TypeLookups {
  readonly types: { get(oid: number): TypeDesc | undefined };
  readonly enumOids: { get(oid: number): EnumValueDesc | undefined };
  readonly ranges: { get(oid: number): RangeDesc | undefined };
  readonly typeCatalog: TypeCatalog;
}

/** Types of fields, for codecs of records. */
export interface FieldTypes {
  codec(typeOid: number): TypeCodec;
  readonly catalog: TypeCatalog;
}

/** Throws 0A000 for a type that has a row but no code. */
export function fieldTypes(lookups: TypeLookups): FieldTypes {
  return {
    codec(typeOid) {
      const type = lookups.types.get(typeOid);
      if (type?.codec === undefined) throw notSupported(`type ${type?.name ?? typeOid}`);
      return type.codec;
    },
    catalog: lookups.typeCatalog,
  };
}

const RECORD = 2249;
const RECORD_ARRAY = 2287;

export class CodecSource {
  constructor(private readonly codecs: ReadonlyMap<string, TypeCodec>) {}

  /** Undefined for types that have a row but no code. */
  codecOf(row: SystemRow, state: TypeLookups): TypeCodec | undefined {
    const oid = row.number('oid');
    const builtIn =
      row.number('typnamespace') === PG_CATALOG_NAMESPACE ? this.codecs.get(row.text('typname')) : undefined;
    if (builtIn !== undefined) return builtIn;
    if (oid === RECORD) return recordCodec(oid, fieldTypes(state));
    if (oid === RECORD_ARRAY) return this.arrayCodec(row, state);
    switch (row.text('typtype')) {
      case 'b':
        // Other base types than built-in ones come from extensions.
        return this.arrayCodec(row, state) ?? extensionCodecs.get(row.text('typname'));
      case 'c':
        return recordCodec(oid, fieldTypes(state));
      case 'e':
        return enumCodec(oid, state.typeCatalog);
      case 'd': {
        const baseType = row.number('typbasetype');
        const base = state.types.get(baseType)?.codec;
        return base === undefined ? undefined : domainCodec(base, baseType, row.number('typtypmod'));
      }
      case 'r':
      case 'm':
        return this.rangeCodec(row, state);
      default:
        return undefined;
    }
  }

  private arrayCodec(row: SystemRow, state: TypeLookups): TypeCodec | undefined {
    const element = row.number('typelem');
    if (element === 0 || row.number('typlen') !== -1) return undefined;
    const codec = state.types.get(element)?.codec;
    return codec === undefined ? undefined : arrayCodec(element, codec, row.text('typdelim'));
  }

  private rangeCodec(row: SystemRow, state: TypeLookups): TypeCodec | undefined {
    const range = state.ranges.get(row.number('oid'));
    if (range === undefined) return undefined;
    if (row.text('typtype') === 'm') {
      const codec = state.types.get(range.range)?.codec;
      return codec === undefined ? undefined : multirangeCodec(range.multirange, range.range, codec);
    }
    const subtype = state.types.get(range.subtype)?.codec;
    return subtype === undefined ? undefined : rangeCodec(range.range, range.subtype, subtype);
  }
}

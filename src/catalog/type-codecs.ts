/**
 * Finds the codec of a type from its pg_type row: built-in types by name, the constructed ones (arrays, composites,
 * enums, domains, ranges) through factories.
 */
import type { TypeCodec } from '../types/type-codec.js';
import type { EnumValueDesc, RangeDesc, TypeDesc } from './descriptors.js';
import { PG_CATALOG_NAMESPACE } from './known-oids.js';
import type { SystemRow } from './system-row.js';

/** Makers of codecs for constructed types. OIDs are those of pg_type. */
export interface CodecFactories {
  array(element: TypeCodec, elementType: number, delimiter: string): TypeCodec;
  record(type: number): TypeCodec;
  /** `sortOrder` gives the position of a label's OID. */
  enumeration(type: number, sortOrder: (value: number) => number): TypeCodec;
  domain(base: TypeCodec, type: number): TypeCodec;
  range(subtype: TypeCodec, subtypeOid: number, name: string): TypeCodec | undefined;
  multirange(range: TypeCodec, rangeType: number): TypeCodec | undefined;
}

/** Lookups in the state of the catalogs that the type belongs to. */
interface TypeLookups {
  readonly types: { get(oid: number): TypeDesc | undefined };
  readonly enumOids: { get(oid: number): EnumValueDesc | undefined };
  readonly ranges: { get(oid: number): RangeDesc | undefined };
}

export class CodecSource {
  constructor(
    private readonly codecs: ReadonlyMap<string, TypeCodec>,
    private readonly factories: CodecFactories,
  ) {}

  /** Undefined for types that have a row but no code. */
  codecOf(row: SystemRow, state: TypeLookups): TypeCodec | undefined {
    const oid = row.number('oid');
    const builtIn =
      row.number('typnamespace') === PG_CATALOG_NAMESPACE ? this.codecs.get(row.text('typname')) : undefined;
    if (builtIn !== undefined) return builtIn;
    switch (row.text('typtype')) {
      case 'b':
        return this.arrayCodec(row, state);
      case 'c':
        return this.factories.record(oid);
      case 'e':
        return this.factories.enumeration(oid, (value) => state.enumOids.get(value)?.sortOrder ?? value);
      case 'd': {
        const base = state.types.get(row.number('typbasetype'))?.codec;
        return base === undefined ? undefined : this.factories.domain(base, oid);
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
    return codec === undefined ? undefined : this.factories.array(codec, element, row.text('typdelim'));
  }

  private rangeCodec(row: SystemRow, state: TypeLookups): TypeCodec | undefined {
    const range = state.ranges.get(row.number('oid'));
    if (range === undefined) return undefined;
    if (row.text('typtype') === 'm') {
      const codec = state.types.get(range.range)?.codec;
      return codec === undefined ? undefined : this.factories.multirange(codec, range.range);
    }
    const subtype = state.types.get(range.subtype)?.codec;
    return subtype === undefined ? undefined : this.factories.range(subtype, range.subtype, row.text('typname'));
  }
}

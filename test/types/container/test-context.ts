/**
 * A context for tests of container types: a few scalar codecs, arrays over them, one enum, one composite and one
 * domain, in the shape that a real catalog would give. The scalar codecs do only what these tests need.
 */
import { sqlError } from '../../../src/errors/sql-error.js';
import type { CallContext, SessionServices } from '../../../src/sql/functions/registry.js';
import { ArrayCodec } from '../../../src/types/array/array-codec.js';
import { type Datum, normalizeInt8 } from '../../../src/types/datum.js';
import { enumCodec } from '../../../src/types/enum/enum-codec.js';
import { compareCodePoints } from '../../../src/types/json/code-point-order.js';
import { containerCodecs } from '../../../src/types/json/container-codecs.js';
import { Numeric } from '../../../src/types/numeric/numeric.js';
import * as oid from '../../../src/types/oids.js';
import { multirangeCodec, rangeCodec } from '../../../src/types/range/range-codec.js';
import { domainCodec } from '../../../src/types/record/domain-codec.js';
import { recordCodec } from '../../../src/types/record/record-codec.js';
import type { TypeCodec } from '../../../src/types/type-codec.js';
import type { TypeCatalog } from '../../../src/types/type-context.js';
import type { ByteWriter } from '../../../src/util/byte-writer.js';

/** Names of types as the golden files spell them. */
export const TYPE_OIDS: Readonly<Record<string, number>> = {
  bool: oid.BOOL,
  int2: oid.INT2,
  int4: oid.INT4,
  int8: oid.INT8,
  text: oid.TEXT,
  numeric: oid.NUMERIC,
  float8: oid.FLOAT8,
  oid: oid.OID,
  json: oid.JSON,
  jsonb: oid.JSONB,
  jsonpath: oid.JSONPATH,
  record: oid.RECORD,
  int2vector: oid.INT2VECTOR,
  oidvector: oid.OIDVECTOR,
  int4range: 3904,
  numrange: 3906,
  int8range: 3926,
  int4multirange: 4451,
  nummultirange: 4532,
  'int4[]': oid.INT4_ARRAY,
  'text[]': oid.TEXT_ARRAY,
  'int4range[]': 3905,
  'jsonb[]': 3807,
  mood: 90001,
  'mood[]': 90002,
  pair: 90003,
  nested: 90004,
  small: 90005,
};

const NAMES = new Map(Object.entries(TYPE_OIDS).map(([name, type]) => [type, name]));
const FORMATTED: Readonly<Record<string, string>> = {
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  bool: 'boolean',
  float8: 'double precision',
};
const MOODS = [
  { value: 90101, label: 'sad', order: 1 },
  { value: 90103, label: 'ok', order: 1.5 },
  { value: 90102, label: 'happy', order: 2 },
];

const COMPOSITES: Readonly<Record<number, readonly { name: string; type: number; typmod: number }[]>> = {
  90003: [
    { name: 'a', type: oid.INT4, typmod: -1 },
    { name: 'b', type: oid.TEXT, typmod: -1 },
  ],
  90004: [
    { name: 'p', type: 90003, typmod: -1 },
    { name: 'list', type: oid.INT4_ARRAY, typmod: -1 },
    { name: 'j', type: oid.JSON, typmod: -1 },
    { name: 'b', type: oid.JSONB, typmod: -1 },
    { name: 's', type: 90005, typmod: -1 },
  ],
};

/** A codec from two functions; its binary form is its text. */
function simple(
  parse: (text: string) => Datum,
  format: (value: Datum) => string,
  compare: (a: Datum, b: Datum) => number,
): TypeCodec {
  return {
    parse: (text: string) => parse(text),
    format: (value: Datum) => format(value),
    receive: (bytes: Buffer, start: number, end: number) => parse(bytes.toString('utf8', start, end)),
    send: (value: Datum, out: ByteWriter) => {
      out.utf8(format(value));
    },
    compare: (a: Datum, b: Datum) => compare(a, b),
    groupKey: (value: Datum) => format(value),
    encodeKey: (value: Datum) => `${format(value).padStart(20, '0')}\x00`,
  };
}

function integer(name: string, limit: bigint): TypeCodec {
  const parse = (text: string): number | bigint => {
    if (!/^\s*[+-]?\d+\s*$/.test(text))
      throw sqlError('invalid_text_representation', `invalid input syntax for type ${name}: "${text}"`);
    const value = BigInt(text.trim().replace('+', ''));
    if (value < -limit || value >= limit)
      throw sqlError('numeric_value_out_of_range', `value "${text}" is out of range for type ${name}`);
    return normalizeInt8(value);
  };
  return simple(parse, String, (a, b) => (Number(a) < Number(b) ? -1 : Number(a) > Number(b) ? 1 : 0));
}

const asNumeric = (value: Datum): Numeric => (value instanceof Numeric ? value : Numeric.parse(String(value)));

function makeCodecs(catalog: TypeCatalog): Map<number, TypeCodec> {
  const codecs = new Map<number, TypeCodec>();
  const types = { catalog, codec: (type: number): TypeCodec => lookUp(codecs, type) };
  codecs.set(oid.INT2, integer('smallint', 1n << 15n));
  codecs.set(oid.INT4, integer('integer', 1n << 31n));
  codecs.set(oid.INT8, integer('bigint', 1n << 63n));
  codecs.set(oid.OID, integer('oid', 1n << 32n));
  codecs.set(
    oid.TEXT,
    simple(
      (text) => text,
      String,
      (a, b) => compareCodePoints(String(a), String(b)),
    ),
  );
  codecs.set(
    oid.BOOL,
    simple(
      (text) => 'true'.startsWith(text),
      (value) => (value === true ? 't' : 'f'),
      (a, b) => Number(a) - Number(b),
    ),
  );
  codecs.set(
    oid.FLOAT8,
    simple(Number, String, (a, b) => Number(a) - Number(b)),
  );
  codecs.set(
    oid.NUMERIC,
    simple(
      (text) => Numeric.parse(text),
      (value) => asNumeric(value).toString(),
      (a, b) => asNumeric(a).compare(asNumeric(b)),
    ),
  );
  for (const [name, codec] of containerCodecs) if (TYPE_OIDS[name] !== undefined) codecs.set(TYPE_OIDS[name], codec);
  codecs.set(oid.RECORD, recordCodec(oid.RECORD, types));
  codecs.set(90001, enumCodec(90001, catalog));
  codecs.set(90003, recordCodec(90003, types));
  codecs.set(90004, recordCodec(90004, types));
  codecs.set(90005, domainCodec(types.codec(oid.INT4), oid.INT4));
  codecs.set(3904, rangeCodec(3904, oid.INT4, types.codec(oid.INT4)));
  codecs.set(3906, rangeCodec(3906, oid.NUMERIC, types.codec(oid.NUMERIC)));
  codecs.set(3926, rangeCodec(3926, oid.INT8, types.codec(oid.INT8)));
  codecs.set(4451, multirangeCodec(4451, 3904, types.codec(3904)));
  codecs.set(4532, multirangeCodec(4532, 3906, types.codec(3906)));
  for (const [name, type] of Object.entries(TYPE_OIDS)) {
    if (!name.endsWith('[]')) continue;
    const element = TYPE_OIDS[name.slice(0, -2)];
    codecs.set(type, new ArrayCodec(element, types.codec(element), ','));
  }
  return codecs;
}

function lookUp(codecs: Map<number, TypeCodec>, type: number): TypeCodec {
  const codec = codecs.get(type);
  if (codec === undefined) throw new Error(`the test context has no codec for type ${type}`);
  return codec;
}

class TestCatalog implements TypeCatalog {
  enumLabel(value: number): string | undefined {
    return MOODS.find((mood) => mood.value === value)?.label;
  }

  enumValue(_type: number, label: string): number | undefined {
    return MOODS.find((mood) => mood.label === label)?.value;
  }

  enumSortOrder(value: number): number {
    return MOODS.find((mood) => mood.value === value)?.order ?? 0;
  }

  enumValues(_type: number): number[] {
    return MOODS.map((mood) => mood.value);
  }

  compositeFields(type: number): readonly { name: string; type: number; typmod: number }[] | undefined {
    return COMPOSITES[type];
  }

  elementType(type: number): number {
    const name = NAMES.get(type) ?? '';
    return name.endsWith('[]') ? TYPE_OIDS[name.slice(0, -2)] : 0;
  }

  arrayType(type: number): number {
    return TYPE_OIDS[`${NAMES.get(type)}[]`] ?? 0;
  }

  formatType(type: number): string {
    const name = NAMES.get(type) ?? String(type);
    return FORMATTED[name] ?? name;
  }

  regIn(_kind: string, text: string): number {
    if (text === 'pg_class') return 1259;
    throw sqlError('undefined_table', `relation "${text}" does not exist`);
  }

  regOut(_kind: string, value: number): string {
    return value === 1259 ? 'pg_class' : String(value);
  }

  roleName(_role: number): string | undefined {
    return undefined;
  }

  roleOid(_name: string): number | undefined {
    return undefined;
  }

  collation(): undefined {
    return undefined;
  }
}

const NO_SESSION = {} as SessionServices;

/** A call context; `argTypes` and `resultType` by the names of TYPE_OIDS. */
export function testCallContext(
  argTypes: readonly string[] = [],
  resultType = 'text',
  variadicArray = false,
): CallContext {
  const catalog = new TestCatalog();
  const codecs = makeCodecs(catalog);
  return {
    settings: {
      dateStyle: 'ISO',
      dateOrder: 'MDY',
      intervalStyle: 'postgres',
      timeZone: 'UTC',
      extraFloatDigits: 1,
      byteaOutput: 'hex',
    },
    catalog,
    codec: (type) => lookUp(codecs, type),
    transactionTimestamp: 0,
    statementTimestamp: 0,
    argTypes: argTypes.map((name) => TYPE_OIDS[name]),
    argTypmods: argTypes.map(() => -1),
    resultType: TYPE_OIDS[resultType] ?? 0,
    variadicArray,
    session: NO_SESSION,
  };
}

/** Awkward literals of every type, for calling functions and operators with them. */

const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  int2: ['0', '32767', '-32768'],
  int4: ['0', '1', '-1', '2147483647', '-2147483648', 'NULL'],
  int8: ['0', '1', '9223372036854775807', '-9223372036854775808', 'NULL'],
  float8: ["'NaN'", "'Infinity'", "'-Infinity'", '1e308', '-1e-308', '0.5', 'NULL'],
  numeric: ["'NaN'", "'-Infinity'", '0', '1e1000', '-1.5', '0.0000001', 'NULL'],
  money: ["'1.23'", "'-92233720368547758.08'"],
  oid: ['0', '1259', '4294967295', 'NULL'],
};

const TEXTS: readonly string[] = [
  "''",
  "'a'",
  "'%_\\'",
  "'é😀z'",
  "'{1,2}'",
  "'2020-01-01'",
  "'('",
  "'[a'",
  "'YYYY-MM-DD HH24:MI'",
  "'UTC'",
  "'hex'",
  "'$.a[*]'",
  "repeat('ab', 1000)",
  "'pg_class'",
  "'g'",
  "'-9999999999'",
  'NULL',
];

const POOLS: Readonly<Record<string, readonly string[]>> = {
  ...NUMBERS,
  float4: NUMBERS.float8,
  text: TEXTS,
  varchar: TEXTS,
  bpchar: TEXTS,
  name: TEXTS,
  char: ["'a'", "''"],
  bytea: ["''", "'\\xff00'", "'abc'", 'NULL'],
  bool: ['true', 'false', 'NULL'],
  date: ["'2020-02-29'", "'infinity'", "'4713-01-01 BC'", "'5874897-12-31'", 'NULL'],
  timestamp: ["'2020-02-29 12:00'", "'-infinity'", "'294276-12-31 23:59:59.999999'", "'4713-01-01 BC'", 'NULL'],
  timestamptz: ["'2020-02-29 12:00'", "'infinity'", "'294276-12-31 23:59:59.999999'", 'NULL'],
  time: ["'00:00'", "'24:00'", "'12:34:56.789'"],
  timetz: ["'00:00+15:59'", "'24:00-15:59'"],
  interval: ["'0'", "'1 mon -1 day 01:02:03'", "'178000000 years'", "'-178000000 years'", 'NULL'],
  json: ["'{}'", "'[]'", `'{"a":{"b":[1,null,"x"]}}'`, "'1'", "'null'", `'"s"'`, 'NULL'],
  jsonb: ["'{}'", "'[]'", `'{"a":{"b":[1,null,"x"]}}'`, "'1'", "'null'", `'"s"'`, 'NULL'],
  jsonpath: ["'$.a'", "'strict $[*] ? (@ > 1)'", "'$'"],
  uuid: ["'00000000-0000-0000-0000-000000000000'", 'NULL'],
  inet: ["'1.2.3.4/24'", "'::1'", "'255.255.255.255'"],
  bit: ["B'101'", "B''", 'NULL'],
  varbit: ["B'101'", "B''", 'NULL'],
  int4range: ["'empty'", "'[1,5)'", "'(,)'", 'NULL'],
  numrange: ["'empty'", "'[1.5,5)'", "'(,)'"],
  daterange: ["'empty'", "'[2020-01-01,2021-01-01)'", "'(,)'"],
  int4multirange: ["'{}'", "'{[1,5),[7,9)}'"],
  _int4: ["'{}'", "'{1,2,NULL}'", "'{{1,2},{3,4}}'", "'[5:6]={1,2}'", 'NULL'],
  _text: ["'{}'", '\'{a,NULL,""}\'', 'NULL'],
};

/** What stands in for a polymorphic type. */
const STAND_INS: Readonly<Record<string, string>> = {
  any: 'text',
  anyarray: '_int4',
  anycompatiblearray: '_int4',
  anyelement: 'int4',
  anycompatible: 'int4',
  anynonarray: 'int4',
  anycompatiblenonarray: 'int4',
  anyrange: 'int4range',
  anymultirange: 'int4multirange',
};

/** A literal of the type with this pg_type.typname; `pick` chooses below its argument. Null for types without any. */
export function awkwardLiteral(typname: string, pick: (below: number) => number): string | null {
  const type = STAND_INS[typname] ?? typname;
  const pool = POOLS[type];
  return pool === undefined ? null : `(${pool[pick(pool.length)]})::pg_catalog."${type}"`;
}

export const LITERAL_TYPES: readonly string[] = Object.keys(POOLS);

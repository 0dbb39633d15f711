/**
 * Comparison of numbers, booleans, identifiers, character types, bytea and uuid: the six operators, the btree support
 * function (`…cmp`) and the larger/smaller pair that min and max use, each under its own prosrc.
 */
import type { Datum } from '../../types/datum.js';
import { tidCodec } from '../../types/numbers/identifier-codecs.js';
import { compareFloats, compareIntegers } from '../../types/numbers/number-order.js';
import type { Numeric } from '../../types/numeric/numeric.js';
import { byteaCodec } from '../../types/text/byte-codecs.js';
import { bpcharCodec, textCodec } from '../../types/text/character-codecs.js';
import { type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

type Order<T> = (a: T, b: T) => number;
type Operator = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

export const TESTS: Readonly<Record<Operator, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
};

const OPERATORS: readonly Operator[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

/** The operators that `order` gives, under the names that `name` makes. */
export function orderOperators<T extends Datum>(name: (operator: Operator) => string, order: Order<T>): FunctionFamily {
  const functions = OPERATORS.map((operator) => {
    const test = TESTS[operator];
    return plainFunctions({ [name(operator)]: (a: T, b: T) => test(order(a, b)) });
  });
  return joinFamilies(...functions);
}

/** -1, 0 or 1, as support functions give it to users. */
export function supportFunction<T extends Datum>(name: string, order: Order<T>): FunctionFamily {
  return plainFunctions({ [name]: (a: T, b: T) => Math.sign(order(a, b)) });
}

/** Of equal values both give the second one, unless `firstOfEqual`. */
export function extremeFunctions<T extends Datum>(
  larger: string,
  smaller: string,
  order: Order<T>,
  firstOfEqual = false,
): FunctionFamily {
  const limit = firstOfEqual ? 0 : 1;
  return plainFunctions({
    [larger]: (a: T, b: T) => (Math.sign(order(a, b)) >= limit ? a : b),
    [smaller]: (a: T, b: T) => (Math.sign(order(a, b)) <= -limit ? a : b),
  });
}

/** Values for which JavaScript's own operators are right: numbers, bigints, booleans and plain ASCII strings. */
function primitiveOperators<T extends number | bigint | boolean | string>(
  name: (operator: Operator) => string,
): FunctionFamily {
  return plainFunctions({
    [name('eq')]: (a: T, b: T) => a === b,
    [name('ne')]: (a: T, b: T) => a !== b,
    [name('lt')]: (a: T, b: T) => a < b,
    [name('le')]: (a: T, b: T) => a <= b,
    [name('gt')]: (a: T, b: T) => a > b,
    [name('ge')]: (a: T, b: T) => a >= b,
  });
}

const suffixed =
  (prefix: string) =>
  (operator: Operator): string =>
    prefix + operator;

const INTEGER_PAIRS = ['2', '4', '8', '24', '28', '42', '48', '82', '84'];
const INTEGERS = INTEGER_PAIRS.flatMap((pair) => [
  primitiveOperators<number | bigint>(suffixed(`int${pair}`)),
  supportFunction(`btint${pair}cmp`, compareIntegers),
]);

const FLOATS = ['4', '8', '48', '84'].flatMap((pair) => [
  orderOperators(suffixed(`float${pair}`), compareFloats),
  supportFunction(`btfloat${pair}cmp`, compareFloats),
]);

const compareNumerics = (a: Numeric, b: Numeric): number => a.compare(b);
const NUMERICS = [
  orderOperators(suffixed('numeric_'), compareNumerics),
  supportFunction('numeric_cmp', compareNumerics),
  extremeFunctions('numeric_larger', 'numeric_smaller', compareNumerics),
];

const compareBooleans = (a: boolean, b: boolean): number => Number(a) - Number(b);
const compareTids = (a: string, b: string): number => tidCodec.compare(a, b);
const compareAscii = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const IDENTIFIERS = [
  primitiveOperators<number>(suffixed('oid')),
  supportFunction('btoidcmp', compareIntegers),
  extremeFunctions('oidlarger', 'oidsmaller', compareIntegers),
  plainFunctions({
    xideq: (a: number, b: number) => a === b >>> 0,
    xidneq: (a: number, b: number) => a !== b >>> 0,
    cideq: (a: number, b: number) => a === b,
    btequalimage: () => true,
    btvarstrequalimage: () => true,
  }),
  primitiveOperators<number | bigint>(suffixed('xid8')),
  supportFunction('xid8cmp', compareIntegers),
  extremeFunctions('xid8_larger', 'xid8_smaller', compareIntegers),
  primitiveOperators<number | bigint>(suffixed('pg_lsn_')),
  supportFunction('pg_lsn_cmp', compareIntegers),
  extremeFunctions('pg_lsn_larger', 'pg_lsn_smaller', compareIntegers),
  primitiveOperators<number | bigint>(suffixed('cash_')),
  supportFunction('cash_cmp', compareIntegers),
  extremeFunctions('cashlarger', 'cashsmaller', compareIntegers),
  orderOperators(suffixed('tid'), compareTids),
  supportFunction('bttidcmp', compareTids),
  extremeFunctions('tidlarger', 'tidsmaller', compareTids),
  primitiveOperators<string>(suffixed('uuid_')),
  supportFunction('uuid_cmp', compareAscii),
  primitiveOperators<boolean>(suffixed('bool')),
  supportFunction('btboolcmp', compareBooleans),
];

const compareText = (a: string, b: string): number => textCodec.compare(a, b);
const compareBlankPadded = (a: string, b: string): number => bpcharCodec.compare(a, b);
const compareBytes = (a: Uint8Array, b: Uint8Array): number => byteaCodec.compare(a, b);
/** `texteq`, `text_lt`: only the equalities have no underscore. */
const textOperator = (operator: Operator): string =>
  operator === 'eq' || operator === 'ne' ? `text${operator}` : `text_${operator}`;
/** The pattern operator classes have no equalities of their own. */
function patternOperators(prefix: string, order: Order<string>): FunctionFamily {
  const all = orderOperators((operator) => `${prefix}_pattern_${operator}`, order);
  return new Map([...all].filter(([name]) => !name.endsWith('eq') && !name.endsWith('ne')));
}

const CHARACTERS = [
  orderOperators(textOperator, compareText),
  patternOperators('text', compareText),
  supportFunction('bttextcmp', compareText),
  supportFunction('bttext_pattern_cmp', compareText),
  extremeFunctions('text_larger', 'text_smaller', compareText),
  orderOperators(suffixed('name'), compareText),
  supportFunction('btnamecmp', compareText),
  orderOperators((operator) => `name${operator}text`, compareText),
  supportFunction('btnametextcmp', compareText),
  orderOperators((operator) => `text${operator}name`, compareText),
  supportFunction('bttextnamecmp', compareText),
  orderOperators(suffixed('char'), compareText),
  supportFunction('btcharcmp', compareText),
  orderOperators(suffixed('bpchar'), compareBlankPadded),
  patternOperators('bpchar', compareBlankPadded),
  supportFunction('bpcharcmp', compareBlankPadded),
  supportFunction('btbpchar_pattern_cmp', compareBlankPadded),
  extremeFunctions('bpchar_larger', 'bpchar_smaller', compareBlankPadded, true),
  orderOperators(suffixed('bytea'), compareBytes),
  supportFunction('byteacmp', compareBytes),
];

const EXTREMES = [
  ...['int2', 'int4', 'int8'].map((type) => extremeFunctions(`${type}larger`, `${type}smaller`, compareIntegers)),
  ...['float4', 'float8'].map((type) => extremeFunctions(`${type}larger`, `${type}smaller`, compareFloats)),
];

export const comparisonFunctions: FunctionFamily = joinFamilies(
  ...INTEGERS,
  ...FLOATS,
  ...NUMERICS,
  ...IDENTIFIERS,
  ...CHARACTERS,
  ...EXTREMES,
);

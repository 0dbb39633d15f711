/** Comparison, logic and parts of macaddr and macaddr8. */
import { sqlError } from '../../errors/sql-error.js';
import { hexOfMac, macaddrCodec, macOfHex, widenedMac } from '../../types/network/mac-codecs.js';
import { orderOperators, supportFunction } from './comparison-functions.js';
import { type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

const compareMacs = (a: string, b: string): number => macaddrCodec.compare(a, b);

function bytewise(a: string, b: string, operation: (x: number, y: number) => number): string {
  const left = Buffer.from(hexOfMac(a), 'hex');
  const right = Buffer.from(hexOfMac(b), 'hex');
  return macOfHex(Buffer.from(left.map((byte, i) => operation(byte, right[i]))).toString('hex'));
}

const and = (a: string, b: string): string => bytewise(a, b, (x, y) => x & y);
const or = (a: string, b: string): string => bytewise(a, b, (x, y) => x | y);
const not = (a: string): string => bytewise(a, a, (x) => ~x & 255);

/** The first three bytes, which name the maker. */
function truncated(mac: string): string {
  return mac.slice(0, 8) + ':00'.repeat((mac.length + 1) / 3 - 3);
}

function narrowed(mac: string): string {
  if (mac.slice(9, 14) !== 'ff:fe') {
    throw sqlError('numeric_value_out_of_range', 'macaddr8 data out of range to convert to macaddr', {
      hint: 'Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.',
    });
  }
  return mac.slice(0, 9) + mac.slice(15);
}

export const macFunctions: FunctionFamily = joinFamilies(
  orderOperators((operator) => `macaddr_${operator}`, compareMacs),
  supportFunction('macaddr_cmp', compareMacs),
  orderOperators((operator) => `macaddr8_${operator}`, compareMacs),
  supportFunction('macaddr8_cmp', compareMacs),
  plainFunctions({
    macaddr_and: and,
    macaddr_or: or,
    macaddr_not: not,
    macaddr_trunc: truncated,
    macaddr8_and: and,
    macaddr8_or: or,
    macaddr8_not: not,
    macaddr8_trunc: truncated,
    macaddr8_set7bit: (mac: string) => or(mac, `02${':00'.repeat(7)}`),
    macaddrtomacaddr8: widenedMac,
    macaddr8tomacaddr: narrowed,
  }),
);

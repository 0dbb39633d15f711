/** Comparison, arithmetic and parts of inet and cidr. */
import { sqlError } from '../../errors/sql-error.js';
import { normalizeInt8 } from '../../types/datum.js';
import { Inet } from '../../types/network/inet.js';
import { extremeFunctions, orderOperators, supportFunction } from './comparison-functions.js';
import { macFunctions } from './mac-functions.js';
import { type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

const compareInets = (a: Inet, b: Inet): number => a.compare(b);

function withMask(value: Inet, bits: number, cidr: boolean): Inet {
  const length = bits === -1 ? value.width : bits;
  if (length < 0 || length > value.width) throw sqlError('invalid_parameter_value', `invalid mask length: ${bits}`);
  const result = new Inet(value.family, value.address, length);
  return cidr ? new Inet(value.family, result.network, length) : result;
}

function bitwise(a: Inet, b: Inet, word: string, operation: (x: bigint, y: bigint) => bigint): Inet {
  if (a.family !== b.family) throw sqlError('invalid_parameter_value', `cannot ${word} inet values of different sizes`);
  return new Inet(a.family, operation(a.address, b.address), Math.max(a.bits, b.bits));
}

function plus(a: Inet, offset: number | bigint): Inet {
  const address = a.address + BigInt(offset);
  if (address < 0n || address >> BigInt(a.width) !== 0n)
    throw sqlError('numeric_value_out_of_range', 'result is out of range');
  return new Inet(a.family, address, a.bits);
}

function distance(a: Inet, b: Inet): number | bigint {
  if (a.family !== b.family)
    throw sqlError('invalid_parameter_value', 'cannot subtract inet values of different sizes');
  const result = a.address - b.address;
  if (BigInt.asIntN(64, result) !== result) throw sqlError('numeric_value_out_of_range', 'result is out of range');
  return normalizeInt8(result);
}

/** The smallest network that holds both. */
function merged(a: Inet, b: Inet): Inet {
  if (a.family !== b.family)
    throw sqlError('invalid_parameter_value', 'cannot merge addresses from different families');
  let bits = Math.min(a.bits, b.bits);
  while (bits > 0 && a.address >> BigInt(a.width - bits) !== b.address >> BigInt(a.width - bits)) bits--;
  return withMask(a, bits, true);
}

/** cidr without the zero bytes at the end. */
function abbreviated(value: Inet): string {
  if (value.family === 6) return `${value.host()}/${value.bits}`;
  const bytes = value.host().split('.');
  return `${bytes.slice(0, Math.max(1, Math.ceil(value.bits / 8))).join('.')}/${value.bits}`;
}

export const networkFunctions: FunctionFamily = joinFamilies(
  orderOperators((operator) => `network_${operator}`, compareInets),
  supportFunction('network_cmp', compareInets),
  extremeFunctions('network_larger', 'network_smaller', compareInets),
  macFunctions,
  plainFunctions({
    network_sub: (a: Inet, b: Inet) => b.bits < a.bits && b.contains(a),
    network_subeq: (a: Inet, b: Inet) => b.contains(a),
    network_sup: (a: Inet, b: Inet) => a.bits < b.bits && a.contains(b),
    network_supeq: (a: Inet, b: Inet) => a.contains(b),
    inetand: (a: Inet, b: Inet) => bitwise(a, b, 'AND', (x, y) => x & y),
    inetor: (a: Inet, b: Inet) => bitwise(a, b, 'OR', (x, y) => x | y),
    inetnot: (a: Inet) => new Inet(a.family, a.address ^ ((1n << BigInt(a.width)) - 1n), a.bits),
    inetpl: plus,
    'int8pl_inet(int8,inet)': (offset: number | bigint, a: Inet) => plus(a, offset),
    inetmi_int8: (a: Inet, offset: number | bigint) => plus(a, -BigInt(offset)),
    inetmi: distance,
    inet_merge: merged,
    network_overlap: (a: Inet, b: Inet) => a.contains(b) || b.contains(a),
    network_family: (a: Inet) => a.family,
    network_masklen: (a: Inet) => a.bits,
    network_host: (a: Inet) => a.host(),
    network_show: (a: Inet) => `${a.host()}/${a.bits}`,
    network_network: (a: Inet) => new Inet(a.family, a.network, a.bits),
    network_broadcast: (a: Inet) => new Inet(a.family, a.address | a.hostmask, a.bits),
    network_netmask: (a: Inet) => new Inet(a.family, a.netmask, a.width),
    network_hostmask: (a: Inet) => new Inet(a.family, a.hostmask, a.width),
    inet_to_cidr: (a: Inet) => new Inet(a.family, a.network, a.bits),
    inet_set_masklen: (a: Inet, bits: number) => withMask(a, bits, false),
    cidr_set_masklen: (a: Inet, bits: number) => withMask(a, bits, true),
    inet_abbrev: (a: Inet) => (a.bits < a.width ? `${a.host()}/${a.bits}` : a.host()),
    cidr_abbrev: abbreviated,
    inet_same_family: (a: Inet, b: Inet) => a.family === b.family,
  }),
);

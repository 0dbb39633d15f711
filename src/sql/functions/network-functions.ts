/** Comparisons and parts of inet, cidr and macaddr. */
import { sqlError } from '../../errors/sql-error.js';
import { Inet } from '../../types/network/inet.js';
import { macaddrCodec } from '../../types/network/network-codecs.js';
import { extremeFunctions, orderOperators, supportFunction } from './comparison-functions.js';
import { type FunctionFamily, joinFamilies, plainFunctions } from './registry.js';

const compareInets = (a: Inet, b: Inet): number => a.compare(b);
const compareMacs = (a: string, b: string): number => macaddrCodec.compare(a, b);

function withMask(value: Inet, bits: number, cidr: boolean): Inet {
  const length = bits === -1 ? value.width : bits;
  if (length < 0 || length > value.width) throw sqlError('invalid_parameter_value', `invalid mask length: ${bits}`);
  const result = new Inet(value.family, value.address, length);
  return cidr ? new Inet(value.family, result.network, length) : result;
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
  orderOperators((operator) => `macaddr_${operator}`, compareMacs),
  supportFunction('macaddr_cmp', compareMacs),
  plainFunctions({
    network_sub: (a: Inet, b: Inet) => b.bits < a.bits && b.contains(a),
    network_subeq: (a: Inet, b: Inet) => b.contains(a),
    network_sup: (a: Inet, b: Inet) => a.bits < b.bits && a.contains(b),
    network_supeq: (a: Inet, b: Inet) => a.contains(b),
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

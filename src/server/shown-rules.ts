/** The rules of who may connect, as pg_hba_file_rules and pg_ident_file_mappings show them. */
import type { HostRule, RuleAddress, UserMap } from '../config/host-rules.js';
import type { ShownMapping, ShownRule } from '../session/server-control.js';

export function shownRules(rules: readonly HostRule[]): readonly ShownRule[] {
  return rules.map(({ number, type, databases, users, address, method, options }) => {
    return {
      number,
      type,
      databases,
      users,
      ...shownAddress(address),
      method,
      options: options.length > 0 ? options : null,
    };
  });
}

export function shownMappings(maps: readonly UserMap[]): readonly ShownMapping[] {
  return maps.map((entry, i) => ({ number: i + 1, ...entry }));
}

function shownAddress(address: RuleAddress | null): { address: string | null; netmask: string | null } {
  if (address === null) return { address: null, netmask: null };
  if (address.kind !== 'net') return { address: address.kind, netmask: null };
  const { network, prefix, family } = address;
  return { address: network, netmask: family === 4 ? mask4(prefix) : mask6(prefix) };
}

function mask4(prefix: number): string {
  return parts(prefix, 4, 8).join('.');
}

/** The longest run of zero groups is written as two colons. */
function mask6(prefix: number): string {
  const groups = parts(prefix, 8, 16).map((group) => group.toString(16));
  const zero = groups.indexOf('0');
  if (zero < 0 || zero === groups.length - 1) return groups.join(':');
  return `${groups.slice(0, zero).join(':')}::`;
}

/** `count` numbers of `bits` each, of which the first `prefix` bits are set. */
function parts(prefix: number, count: number, bits: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const set = Math.min(Math.max(prefix - i * bits, 0), bits);
    return 2 ** bits - 2 ** (bits - set);
  });
}

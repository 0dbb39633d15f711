/** How a client has to prove itself: the first of the rules that fits its address, database and user. */
import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { HostRule, RuleAddress, UserMap } from '../config/host-rules.js';
import type { AuthDecision, AuthRule, Claim } from '../pgwire/wire-options.js';

const UNIX_SOCKET = '[local]';
const NO_ENTRY: AuthDecision = { method: 'no entry' };

type MemberOf = (role: string) => boolean;

interface ReadyRule {
  readonly rule: HostRule;
  readonly decision: AuthDecision;
  /** Whether the client's address is one of the rule's; not asked for Unix sockets. */
  readonly includes: (address: string) => boolean;
}

/** No rule fits where `requireTls` is set and the client is on TCP without it. */
export function authRule(rules: readonly HostRule[], maps: readonly UserMap[], requireTls: boolean): AuthRule {
  const ready = rules.map((rule): ReadyRule => {
    return { rule, decision: decisionOf(rule, maps), includes: addressTest(rule.address) };
  });
  return (claim, memberOf) => {
    if (requireTls && !claim.tls && claim.remoteAddress !== UNIX_SOCKET) return NO_ENTRY;
    return ready.find((candidate) => fits(candidate, claim, memberOf))?.decision ?? NO_ENTRY;
  };
}

function decisionOf(rule: HostRule, maps: readonly UserMap[]): AuthDecision {
  const { number, method, clientCertificate: certificate, clientName: certificateName, map } = rule;
  if (map === null) return { method, rule: number, certificate, certificateName };
  const entries = maps.filter((entry) => entry.map === map);
  const mapsTo = (name: string, user: string): boolean => entries.some((entry) => mapsName(entry, name, user));
  return { method, rule: number, certificate, certificateName, maps: mapsTo };
}

/** Whether the entry lets who has the certificate's name be the user. */
function mapsName({ systemUser, databaseUser }: UserMap, name: string, user: string): boolean {
  if (!systemUser.startsWith('/')) return systemUser === name && databaseUser === user;
  const match = new RegExp(systemUser.slice(1), 'u').exec(name);
  return match !== null && databaseUser.replace('\\1', () => match[1] ?? '') === user;
}

function fits({ rule, includes }: ReadyRule, claim: Claim, memberOf: MemberOf): boolean {
  if (!fitsTransport(rule.type, claim)) return false;
  if (rule.type !== 'local' && !includes(claim.remoteAddress)) return false;
  const isDatabase = rule.databases.some((name) => fitsDatabase(name, claim, memberOf));
  return isDatabase && rule.users.some((name) => fitsUser(name, claim, memberOf));
}

function fitsTransport(type: HostRule['type'], claim: Claim): boolean {
  const isLocal = claim.remoteAddress === UNIX_SOCKET;
  switch (type) {
    case 'local':
      return isLocal;
    case 'host':
    case 'hostnogssenc':
      return !isLocal;
    case 'hostssl':
      return !isLocal && claim.tls;
    case 'hostnossl':
      return !isLocal && !claim.tls;
    case 'hostgssenc':
      return false;
  }
}

function fitsDatabase(name: string, { user, database }: Claim, memberOf: MemberOf): boolean {
  switch (name) {
    case 'all':
      return true;
    case 'sameuser':
      return user === database;
    case 'samerole':
    case 'samegroup':
      return memberOf(database);
    case 'replication':
      return false;
    default:
      return name === database;
  }
}

function fitsUser(name: string, { user }: Claim, memberOf: MemberOf): boolean {
  if (name === 'all') return true;
  return name.startsWith('+') ? memberOf(name.slice(1)) : name === user;
}

function addressTest(address: RuleAddress | null): (address: string) => boolean {
  if (address === null) return () => false;
  if (address.kind === 'all') return () => true;
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  if (address.kind === 'net') {
    const type = address.family === 4 ? 'ipv4' : 'ipv6';
    lists[type].addSubnet(address.network, address.prefix, type);
  } else addOwnAddresses(lists, address.kind === 'samenet');
  return (client) => {
    // A link-local address comes with its zone. Of one list, an IPv4 address would also be found in networks of IPv6.
    const [bare] = client.split('%');
    const type = isIPv6(bare) ? 'ipv6' : 'ipv4';
    return lists[type].check(bare, type);
  };
}

/** The machine's addresses, or the networks that they are in, as they are now. */
function addOwnAddresses(lists: Readonly<Record<'ipv4' | 'ipv6', BlockList>>, networks: boolean): void {
  for (const { address, cidr, family } of Object.values(networkInterfaces()).flatMap((found) => found ?? [])) {
    const type = family === 'IPv4' ? 'ipv4' : 'ipv6';
    const prefix = cidr?.split('/')[1];
    if (networks && prefix !== undefined) lists[type].addSubnet(address, Number(prefix), type);
    else lists[type].addAddress(address, type);
  }
}

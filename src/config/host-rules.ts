/**
 * The rules of who may connect and how: `[[security.rules]]`, PostgreSQL's pg_hba.conf in TOML. The first that fits a
 * connection counts, and none after it. Without rules there are those that the simple settings of `[security]` stand for.
 */
import { isIP } from 'node:net';
import * as v from 'valibot';
import { ConfigError } from './config-error.js';

const TYPES = ['local', 'host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'] as const;
const METHODS = ['trust', 'reject', 'scram-sha-256', 'md5', 'password', 'cert'] as const;
/** Methods of PostgreSQL that need more than there is here. */
const MISSING = ['peer', 'ident', 'gss', 'sspi', 'pam', 'bsd', 'ldap', 'radius'] as const;

const names = v.union([v.string(), v.pipe(v.array(v.string()), v.minLength(1))]);

export const hostRuleSchema = v.strictObject({
  type: v.picklist(TYPES),
  database: v.optional(names),
  user: v.optional(names),
  address: v.optional(v.string()),
  method: v.picklist([...METHODS, ...MISSING]),
  clientcert: v.optional(v.picklist(['verify-ca', 'verify-full'])),
  clientname: v.optional(v.picklist(['CN', 'DN'])),
  map: v.optional(v.string()),
});

/** A line of pg_ident.conf: who a certificate's name may be. */
export const userMapSchema = v.strictObject({ map: v.string(), system_user: v.string(), database_user: v.string() });

export type HostMethod = (typeof METHODS)[number];

export interface HostRule {
  /** Its place among the rules, from 1. */
  readonly number: number;
  readonly type: (typeof TYPES)[number];
  /** Names, or the words all, sameuser, samerole, samegroup, replication. */
  readonly databases: readonly string[];
  /** Names, `+group`, or the word all. */
  readonly users: readonly string[];
  /** Null for `local`. */
  readonly address: RuleAddress | null;
  readonly method: HostMethod;
  readonly clientCertificate: 'verify-ca' | 'verify-full' | null;
  readonly clientName: 'CN' | 'DN';
  readonly map: string | null;
  /** As pg_hba_file_rules shows them. */
  readonly options: readonly string[];
}

export type RuleAddress =
  | { readonly kind: 'all' | 'samehost' | 'samenet' }
  | { readonly kind: 'net'; readonly network: string; readonly prefix: number; readonly family: 4 | 6 };

export interface UserMap {
  readonly map: string;
  /** A name, or a slash and a regular expression. */
  readonly systemUser: string;
  /** May contain \1: what the expression's first group has matched. */
  readonly databaseUser: string;
}

/** What rules are checked against. */
export interface RuleSurroundings {
  readonly tls: boolean;
  readonly clientCa: boolean;
  readonly maps: readonly UserMap[];
}

/** @throws ConfigError naming the rule */
export function hostRules(
  given: readonly v.InferOutput<typeof hostRuleSchema>[],
  surroundings: RuleSurroundings,
  warnings: string[],
): readonly HostRule[] {
  return given.map((rule, i) => hostRule(rule, i + 1, surroundings, warnings));
}

function hostRule(
  given: v.InferOutput<typeof hostRuleSchema>,
  number: number,
  surroundings: RuleSurroundings,
  warnings: string[],
): HostRule {
  const wrong = (message: string): ConfigError => new ConfigError(`[[security.rules]] number ${number}: ${message}`);
  const { type, method } = given;
  if (!isHostMethod(method)) throw wrong(whyMissing(method));
  const isLocal = type === 'local';
  if (isLocal && given.address !== undefined) throw wrong('a local rule has no address');
  if (!isLocal && given.address === undefined)
    throw wrong(`a ${type} rule needs an address: "all", or a network in CIDR form`);
  if (method === 'cert' && type !== 'hostssl')
    throw wrong('cert authentication is only supported on hostssl connections');
  if (given.clientcert !== undefined && type !== 'hostssl')
    throw wrong('clientcert can only be configured for "hostssl" rows');
  if (method === 'cert' && given.clientcert === 'verify-ca')
    throw wrong('clientcert only accepts "verify-full" when using "cert" authentication');
  const clientCertificate = method === 'cert' ? 'verify-full' : (given.clientcert ?? null);
  if (clientCertificate !== null && !surroundings.clientCa)
    throw wrong(
      'client certificates can only be checked if a root certificate store is available: [security] client_ca_path',
    );
  if (given.map !== undefined && !surroundings.maps.some(({ map }) => map === given.map))
    throw wrong(`there is no [[security.user_maps]] with map = "${given.map}"`);
  if (given.map !== undefined && clientCertificate !== 'verify-full')
    throw wrong('a map is only used with certificates: method cert or clientcert = "verify-full"');
  if (given.clientname !== undefined && clientCertificate === null)
    throw wrong('clientname is only used with certificates: method cert, or clientcert');
  if (type === 'hostssl' && !surroundings.tls)
    warnings.push(`[[security.rules]] number ${number}: hostssl record cannot match because SSL is disabled`);
  if (type === 'hostgssenc')
    warnings.push(
      `[[security.rules]] number ${number}: hostgssenc record cannot match because GSSAPI is not supported`,
    );
  return {
    number,
    type,
    databases: list(given.database),
    users: list(given.user),
    address: given.address === undefined ? null : ruleAddress(given.address, wrong),
    method,
    clientCertificate,
    clientName: given.clientname ?? 'CN',
    map: given.map ?? null,
    options: [
      ...(clientCertificate === null ? [] : [`clientcert=${clientCertificate}`]),
      ...(given.clientname === undefined ? [] : [`clientname=${given.clientname}`]),
      ...(given.map === undefined ? [] : [`map=${given.map}`]),
    ],
  };
}

function isHostMethod(method: string): method is HostMethod {
  return METHODS.some((known) => known === method);
}

function whyMissing(method: (typeof MISSING)[number]): string {
  return method === 'peer'
    ? 'peer authentication is not supported: Node.js does not tell who is at the other end of a Unix socket; protect the directory of the socket instead'
    : `invalid authentication method "${method}": not supported by this build`;
}

/** "all" when nothing is given. */
function list(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return ['all'];
  return typeof value === 'string' ? [value] : value;
}

function ruleAddress(text: string, wrong: (message: string) => ConfigError): RuleAddress {
  if (text === 'all' || text === 'samehost' || text === 'samenet') return { kind: text };
  const [network, length, more] = text.split('/');
  const family = isIP(network);
  if (family === 0 || more !== undefined)
    throw wrong(
      `invalid address "${text}": a network in CIDR form, "all", "samehost" or "samenet"; host names are not looked up`,
    );
  const most = family === 4 ? 32 : 128;
  const prefix = length === undefined ? most : Number(length);
  if (length === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > most)
    throw wrong(`invalid CIDR mask in address "${text}"`);
  return { kind: 'net', network, prefix, family: family === 4 ? 4 : 6 };
}

/** The rules that local_authentication, remote_authentication and require_tls stand for. */
export function simpleRules(local: HostMethod, remote: HostMethod, requireTls: boolean): readonly HostRule[] {
  const type = requireTls ? 'hostssl' : 'host';
  const all = {
    databases: ['all'],
    users: ['all'],
    clientCertificate: null,
    clientName: 'CN',
    map: null,
    options: [],
  } as const;
  const net = (network: string, prefix: number, family: 4 | 6): RuleAddress => ({
    kind: 'net',
    network,
    prefix,
    family,
  });
  return [
    { number: 1, type: 'local', address: null, method: local, ...all },
    { number: 2, type, address: net('127.0.0.0', 8, 4), method: local, ...all },
    { number: 3, type, address: net('::1', 128, 6), method: local, ...all },
    { number: 4, type, address: { kind: 'all' }, method: remote, ...all },
  ];
}

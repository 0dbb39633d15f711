/**
 * The server's settings: orbit-server.toml, then ORBIT_… environment variables, then flags; each overrides the one
 * before. The result is frozen. What is odd but harmless becomes a warning, what cannot be meant a ConfigError.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { ConfigError } from './config-error.js';
import { type ConfigFile, configSchema } from './config-schema.js';
import { nearestName } from './nearest-name.js';
import { type SecuritySettings, securitySettings } from './security-settings.js';
import { storeWarnings } from './store-warnings.js';

export interface Config extends SecuritySettings {
  /** The file that was read, null when there was none. */
  readonly file: string | null;
  readonly provider: 'leveldb' | 'memory';
  readonly dataDir: string;
  readonly blockCacheSize: number;
  readonly writeBufferSize: number;
  readonly maxWalSize: number;
  readonly writeSetMemory: number;
  readonly changeSetMemory: number;
  readonly walSegmentSize: number;
  readonly compression: boolean;
  readonly ignoreChecksumFailure: boolean;
  readonly host: string;
  readonly port: number;
  readonly postgresEnabled: boolean;
  readonly unixSocketDir: string | null;
  readonly user: string;
  readonly database: string;
  readonly maxConnections: number;
  /** 0: no two-phase commit. */
  readonly maxPreparedTransactions: number;
  /** Milliseconds. */
  readonly authenticationTimeout: number;
  readonly logLevel: string;
  readonly logModules: Readonly<Record<string, string>>;
  /** Defaults of SQL configuration parameters, by lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

export interface ConfigFlags {
  readonly config?: string;
  readonly 'data-dir'?: string;
  readonly host?: string;
  readonly port?: string;
  readonly 'log-level'?: string;
}

const MIB = 1024 * 1024;
/** A default that suits small machines too: V8 gives its heap half of their memory. Bytes, whole MiB. */
function heapShare(share: number): number {
  return Math.floor((getHeapStatistics().heap_size_limit * share) / MIB) * MIB;
}

const DEFAULT_FILES = ['orbit-server.toml', 'config/orbit-server.toml'];
const DEFAULT_DATA_DIR = './orbit_integrated_data/postgresql';

/** @throws ConfigError */
export function loadConfig(flags: ConfigFlags, env: Readonly<Record<string, string | undefined>>, cwd: string): Config {
  const file = findFile(flags.config ?? env.ORBIT_CONFIG, cwd);
  const warnings: string[] = [];
  const fromFile = file === null ? {} : readFile(file, warnings);
  return Object.freeze(assemble(file, withEnvironment(fromFile, env, warnings), flags, cwd, warnings));
}

function findFile(wanted: string | undefined, cwd: string): string | null {
  if (wanted !== undefined) {
    const path = resolve(cwd, wanted);
    if (!existsSync(path)) throw new ConfigError(`the configuration file ${wanted} does not exist`);
    return path;
  }
  for (const name of DEFAULT_FILES) {
    const path = resolve(cwd, name);
    if (existsSync(path)) return path;
  }
  return null;
}

function readFile(path: string, warnings: string[]): ConfigFile {
  let raw: unknown;
  try {
    raw = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof TomlError)
      throw new ConfigError(`${path}: ${error.message.split('\n')[0]} (line ${error.line}, column ${error.column})`);
    throw new ConfigError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return check(raw, path, warnings);
}

function check(raw: unknown, source: string, warnings: string[]): ConfigFile {
  const result = v.safeParse(configSchema, raw);
  if (!result.success) {
    const [issue] = result.issues;
    throw new ConfigError(`${source}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
  }
  warnUnknown(raw, configSchema, '', source, warnings);
  return result.output;
}

interface ObjectSchema {
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly wrapped?: unknown;
}

function entriesOf(schema: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof schema !== 'object' || schema === null) return null;
  const known: ObjectSchema = schema;
  if (known.entries !== undefined) return known.entries;
  return known.wrapped === undefined ? null : entriesOf(known.wrapped);
}

/** Unknown keys are named with the nearest key that exists. */
function warnUnknown(value: unknown, schema: unknown, path: string, source: string, warnings: string[]): void {
  const entries = entriesOf(schema);
  if (entries === null || typeof value !== 'object' || value === null || path === 'firewall') return;
  for (const [key, item] of Object.entries(value)) {
    const full = path === '' ? key : `${path}.${key}`;
    if (key in entries) warnUnknown(item, entries[key], full, source, warnings);
    else {
      const near = nearestName(key, Object.keys(entries));
      warnings.push(
        `${source}: unknown setting "${full}" is ignored${near === undefined ? '' : `; did you mean "${near}"?`}`,
      );
    }
  }
}

/** `ORBIT_PERSISTENCE_DATA_DIR` stands for `[persistence] data_dir`: the section, then the key, in capitals. */
function withEnvironment(
  file: ConfigFile,
  env: Readonly<Record<string, string | undefined>>,
  warnings: string[],
): ConfigFile {
  const merged: Record<string, unknown> = structuredClone(file);
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('ORBIT_') || text === undefined || name === 'ORBIT_CONFIG' || name === 'ORBIT_FAILPOINT')
      continue;
    const place = findKey(configSchema, name.slice('ORBIT_'.length).toLowerCase(), []);
    if (place === null) {
      warnings.push(`environment: unknown setting ${name} is ignored`);
      continue;
    }
    assign(merged, place, text);
  }
  return check(merged, 'environment', []);
}

function findKey(schema: unknown, rest: string, path: readonly string[]): readonly string[] | null {
  const entries = entriesOf(schema);
  if (entries === null) return null;
  for (const [key, child] of Object.entries(entries)) {
    if (rest === key && entriesOf(child) === null) return [...path, key];
    if (rest.startsWith(`${key}_`)) {
      const found = findKey(child, rest.slice(key.length + 1), [...path, key]);
      if (found !== null) return found;
    }
  }
  return null;
}

function assign(target: Record<string, unknown>, path: readonly string[], text: string): void {
  let place: Record<string, unknown> = target;
  for (const key of path.slice(0, -1)) {
    const next = place[key];
    const child: Record<string, unknown> = typeof next === 'object' && next !== null ? { ...next } : {};
    place[key] = child;
    place = child;
  }
  place[path[path.length - 1]] = environmentValue(text);
}

function environmentValue(text: string): unknown {
  if (/^(true|on|yes)$/i.test(text)) return true;
  if (/^(false|off|no)$/i.test(text)) return false;
  return /^\d+$/.test(text) ? Number(text) : text;
}

function assemble(
  file: string | null,
  settings: ConfigFile,
  flags: ConfigFlags,
  cwd: string,
  warnings: string[],
): Config {
  const persistence = settings.persistence ?? {};
  const store = { ...persistence.rocksdb, ...persistence.leveldb };
  const { protocols = {}, security = {}, server = {}, log = {} } = settings;
  const provider = persistence.provider ?? 'leveldb';
  if (provider === 'rocksdb')
    warnings.push('[persistence] provider "rocksdb" is served by the LevelDB store ("leveldb")');
  warnings.push(...storeWarnings(store));
  if (store.enable_wal === false)
    throw new ConfigError(
      '[persistence.rocksdb] enable_wal = false is not possible: the log is the database. Use synchronous_commit = off under [parameters] for faster, less durable commits.',
    );
  return {
    file,
    provider: provider === 'memory' ? 'memory' : 'leveldb',
    dataDir: resolve(cwd, flags['data-dir'] ?? persistence.data_dir ?? DEFAULT_DATA_DIR),
    blockCacheSize: store.block_cache_size ?? Math.min(512 * MIB, heapShare(0.25)),
    writeBufferSize: store.write_buffer_size ?? 64 * MIB,
    maxWalSize: persistence.max_wal_size ?? 1024 * MIB,
    writeSetMemory: persistence.write_set_memory ?? MIB,
    changeSetMemory: persistence.change_set_memory ?? Math.min(256 * MIB, heapShare(0.1)),
    walSegmentSize: persistence.wal_segment_size ?? 16 * MIB,
    compression: (store.compression_type ?? 'snappy') !== 'none',
    ignoreChecksumFailure: persistence.ignore_checksum_failure ?? false,
    host: flags.host ?? protocols.postgres_bind_address ?? '127.0.0.1',
    port: flags.port === undefined ? (protocols.postgres_port ?? 15432) : parsePort(flags.port),
    postgresEnabled: protocols.postgres_enabled ?? true,
    unixSocketDir: protocols.postgres_unix_socket_dir ?? null,
    user: server.user ?? 'orbit',
    database: server.database ?? 'actors',
    ...securitySettings(security, cwd, warnings),
    maxConnections: server.max_connections ?? 500,
    maxPreparedTransactions: server.max_prepared_transactions ?? 64,
    authenticationTimeout: (server.authentication_timeout ?? 60) * 1000,
    logLevel: flags['log-level'] ?? log.level ?? 'info',
    logModules: log.modules ?? {},
    parameters: new Map(
      Object.entries(settings.parameters ?? {}).map(([name, value]) => [
        name.toLowerCase(),
        typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value),
      ]),
    ),
    warnings,
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535 || text.trim() === '')
    throw new ConfigError(`--port ${text} is not a port number (0 to 65535)`);
  return port;
}

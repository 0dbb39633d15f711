/**
 * What may change while the server runs: the rules of who may connect, TLS files, the superuser's password and the defaults of
 * parameters. Each part is replaced as a whole when all of the new settings are sound; else it stays as it was, and the log
 * says why. Connections that are open stay.
 */
import type { Config } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { SqlError } from '../errors/sql-error.js';
import type { AuthRule, ServerTls } from '../pgwire/wire-options.js';
import type { Cluster } from '../session/cluster.js';
import type { ServerControl } from '../session/server-control.js';
import { authRule } from './auth-rule.js';
import { superuserVerifier } from './cluster-options.js';
import type { Logger } from './logger.js';
import { serverSettings } from './server-settings.js';
import { readServerTls, watchTlsFiles } from './server-tls.js';
import { shownMappings, shownRules } from './shown-rules.js';

/** Settings that take effect at the next start only, by the names they have in the file. */
const AT_START: readonly (readonly [keyof Config, string])[] = [
  ['dataDir', '[persistence] data_dir'],
  ['provider', '[persistence] provider'],
  ['blockCacheSize', '[persistence.rocksdb] block_cache_size'],
  ['writeBufferSize', '[persistence.rocksdb] write_buffer_size'],
  ['compression', '[persistence.rocksdb] compression_type'],
  ['maxWalSize', '[persistence] max_wal_size'],
  ['writeSetMemory', '[persistence] write_set_memory'],
  ['changeSetMemory', '[persistence] change_set_memory'],
  ['walSegmentSize', '[persistence] wal_segment_size'],
  ['ignoreChecksumFailure', '[persistence] ignore_checksum_failure'],
  ['host', '[protocols] postgres_bind_address'],
  ['port', '[protocols] postgres_port'],
  ['postgresEnabled', '[protocols] postgres_enabled'],
  ['unixSocketDir', '[protocols] postgres_unix_socket_dir'],
  ['user', '[server] user'],
  ['database', '[server] database'],
  ['maxConnections', '[server] max_connections'],
  ['maxPreparedTransactions', '[server] max_prepared_transactions'],
  ['authenticationTimeout', '[server] authentication_timeout'],
  ['logLevel', '[log] level'],
];

export class Reloading implements ServerControl {
  rule: AuthRule;
  tls: ServerTls | null;
  private config: Config;
  private cluster: Cluster | null = null;
  private port: number | null = null;
  private stopWatching: () => void;

  /** @throws ConfigError */
  constructor(
    private readonly started: Config,
    private readonly log: Logger,
    private readonly reread: () => Config,
  ) {
    this.config = started;
    this.rule = ruleOf(started);
    this.tls = started.tls === null ? null : readServerTls(started.tls);
    this.stopWatching = this.watch();
  }

  get rules(): ServerControl['rules'] {
    return shownRules(this.config.rules);
  }

  get mappings(): ServerControl['mappings'] {
    return shownMappings(this.config.userMaps);
  }

  /** The cluster that is told of new settings. */
  attach(cluster: Cluster): void {
    this.cluster = cluster;
    cluster.server = this;
    cluster.serverSettings = serverSettings(this.config, this.port);
  }

  /** The server listens there now. */
  listensOn(port: number): void {
    this.port = port;
    if (this.cluster !== null) this.attach(this.cluster);
  }

  /** No file is looked at any more. */
  end(): void {
    this.stopWatching();
  }

  reload(): void {
    try {
      const config = this.reread();
      const tls = config.tls === null ? null : readServerTls(config.tls);
      const { parameters } = config;
      const kept = this.cluster?.reconfigure({ parameters, superuserVerifier: superuserVerifier(config) }) ?? [];
      for (const name of kept) this.log.warn(`parameter "${name}" cannot be changed without restarting the server`);
      this.config = config;
      if (this.cluster !== null) this.cluster.serverSettings = serverSettings(this.settled(config), this.port);
      this.tls = tls;
      this.rule = ruleOf(config);
      this.stopWatching();
      this.stopWatching = this.watch();
      this.tell(config);
    } catch (error) {
      if (!(error instanceof ConfigError || error instanceof SqlError)) throw error;
      this.log.error(`the settings were not reloaded, those before stay in force: ${error.message}`);
    }
  }

  /** The settings as they are in force: those that need a restart are those of the start. */
  private settled(config: Config): Config {
    return { ...this.started, file: config.file, tls: config.tls };
  }

  private tell(config: Config): void {
    for (const warning of config.warnings) this.log.warn(warning);
    for (const [key, name] of AT_START) {
      if (config[key] !== this.started[key]) this.log.warn(`${name} cannot be changed without restarting the server`);
    }
    this.log.info('settings reloaded');
  }

  private watch(): () => void {
    const { tls } = this.config;
    return tls === null ? () => {} : watchTlsFiles(tls, () => this.readTlsAgain());
  }

  private readTlsAgain(): void {
    const { tls } = this.config;
    if (tls === null) return;
    try {
      this.tls = readServerTls(tls);
      this.log.info({ certificate: tls.certPath }, 'TLS files reloaded');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.log.warn(`TLS files have changed, those before stay in use: ${error.message}`);
    }
  }
}

function ruleOf({ rules, userMaps, requireTls }: Config): AuthRule {
  return authRule(rules, userMaps, requireTls);
}

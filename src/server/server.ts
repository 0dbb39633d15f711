/** Puts the server together: databases, wire protocol, reloading of settings, orderly end. */
import type { AddressInfo } from 'node:net';
import type { Config } from '../config/config.js';
import { PgWireServer } from '../pgwire/server.js';
import { Cluster } from '../session/cluster.js';
import { clusterOptions } from './cluster-options.js';
import { openFileLimit, planFiles } from './file-limit.js';
import { type Logger, moduleLogger } from './logger.js';
import { Reloading } from './reloading.js';

/** What the process around the server does for it. */
export interface ServerHost {
  /** Is told when the store has failed for good: the process should end and recover at its next start. */
  readonly onFailure?: (error: Error) => void;
  /** Reads the settings again. @throws ConfigError */
  readonly reread?: () => Config;
}

export class OrbitServer {
  private constructor(
    private readonly config: Config,
    private readonly log: Logger,
    readonly cluster: Cluster,
    private readonly wire: PgWireServer | null,
    readonly address: AddressInfo | null,
    private readonly reloading: Reloading,
  ) {}

  /** Opens the cluster and listens. @throws errors that `startErrorMessage` can tell */
  static async start(config: Config, log: Logger, host: ServerHost = {}): Promise<OrbitServer> {
    const reloading = new Reloading(config, log, host.reread ?? (() => config));
    const files = planFiles(openFileLimit(), config.maxConnections);
    if (files.connections < config.maxConnections) {
      log.warn(
        `the limit of open files (ulimit -n) allows ${files.connections} connections, max_connections is ${config.maxConnections}`,
      );
    }
    const cluster = await Cluster.open(clusterOptions(config, log, files, host.onFailure));
    reloading.attach(cluster);
    if (!config.postgresEnabled) return new OrbitServer(config, log, cluster, null, null, reloading);
    const wire = new PgWireServer({
      sessions: cluster,
      authMethod: (claim, memberOf) => reloading.rule(claim, memberOf),
      log: moduleLogger(log, config, 'pgwire'),
      tls: () => reloading.tls,
      passwordEncryption: () => (cluster.parameters.get('password_encryption') === 'md5' ? 'md5' : 'scram-sha-256'),
      maxConnections: files.connections,
      maxSockets: files.sockets,
      authenticationTimeout: config.authenticationTimeout,
    });
    cluster.backends = wire.registry;
    try {
      const address = await wire.listen(config.host, config.port);
      reloading.listensOn(address.port);
      if (config.unixSocketDir !== null) await wire.listen(config.unixSocketDir, address.port);
      return new OrbitServer(config, log, cluster, wire, address, reloading);
    } catch (error) {
      reloading.end();
      await cluster.close();
      throw error;
    }
  }

  /** SIGHUP and pg_reload_conf(). */
  reload(): void {
    this.reloading.reload();
  }

  /** Stops accepting, ends statements, writes a checkpoint, closes the store. */
  async stop(): Promise<void> {
    this.log.info('shutting down');
    this.reloading.end();
    this.cluster.store.stopWaiting();
    await this.wire?.close('fast');
    await this.cluster.close();
    this.log.info({ dataDir: this.config.dataDir }, 'shut down');
  }
}

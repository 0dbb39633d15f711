/** Puts the server together: databases, wire protocol, orderly end. */
import type { AddressInfo } from 'node:net';
import type { Config } from '../config/config.js';
import { PgWireServer } from '../pgwire/server.js';
import { Cluster } from '../session/cluster.js';
import { authRule } from './auth-rule.js';
import { clusterOptions } from './cluster-options.js';
import { openFileLimit, planFiles } from './file-limit.js';
import { type Logger, moduleLogger } from './logger.js';
import { tlsContext } from './tls-context.js';

export class OrbitServer {
  private constructor(
    private readonly config: Config,
    private readonly log: Logger,
    readonly cluster: Cluster,
    private readonly wire: PgWireServer | null,
    readonly address: AddressInfo | null,
  ) {}

  /**
   * Opens the cluster and listens. `onFailure` is told when the store has failed for good: the process should end and
   * recover at its next start. @throws errors that `startErrorMessage` can tell
   */
  static async start(config: Config, log: Logger, onFailure?: (error: Error) => void): Promise<OrbitServer> {
    const tls = tlsContext(config.tls);
    const files = planFiles(openFileLimit(), config.maxConnections);
    if (files.connections < config.maxConnections) {
      log.warn(
        `the limit of open files (ulimit -n) allows ${files.connections} connections, max_connections is ${config.maxConnections}`,
      );
    }
    const cluster = await Cluster.open(clusterOptions(config, log, files, onFailure));
    if (!config.postgresEnabled) return new OrbitServer(config, log, cluster, null, null);
    const wire = new PgWireServer({
      sessions: cluster,
      authMethod: authRule(config),
      log: moduleLogger(log, config, 'pgwire'),
      tls,
      maxConnections: files.connections,
      maxSockets: files.sockets,
      authenticationTimeout: config.authenticationTimeout,
    });
    cluster.backends = wire.registry;
    try {
      const address = await wire.listen(config.host, config.port);
      if (config.unixSocketDir !== null) await wire.listen(config.unixSocketDir, address.port);
      return new OrbitServer(config, log, cluster, wire, address);
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Stops accepting, ends statements, writes a checkpoint, closes the store. */
  async stop(): Promise<void> {
    this.log.info('shutting down');
    this.cluster.store.stopWaiting();
    await this.wire?.close('fast');
    await this.cluster.close();
    this.log.info({ dataDir: this.config.dataDir }, 'shut down');
  }
}

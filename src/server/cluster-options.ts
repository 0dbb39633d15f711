/** What the cluster is told of the server's settings. */
import { getHeapStatistics } from 'node:v8';
import type { Config } from '../config/config.js';
import { makeScramVerifier } from '../pgwire/scram.js';
import { storedPassword } from '../pgwire/stored-password.js';
import type { ClusterOptions } from '../session/cluster.js';
import type { FilePlan } from './file-limit.js';
import { type Logger, moduleLogger } from './logger.js';

/** Part of the heap for estimated bytes of changed index entries. Their commit takes as much again, and more. */
const ENTRY_SHARE = 0.2;

export function clusterOptions(
  config: Config,
  log: Logger,
  files: FilePlan,
  onFailure?: (error: Error) => void,
): ClusterOptions {
  return {
    store: {
      dataDir: config.dataDir,
      provider: config.provider === 'memory' ? 'memory' : 'level',
      blockCacheSize: config.blockCacheSize,
      writeBufferSize: config.writeBufferSize,
      maxWalSize: config.maxWalSize,
      writeSetMemory: config.writeSetMemory,
      changeSetMemory: config.changeSetMemory,
      entryMemory: getHeapStatistics().heap_size_limit * ENTRY_SHARE,
      walSegmentSize: config.walSegmentSize,
      compression: config.compression,
      ignoreChecksumFailure: config.ignoreChecksumFailure,
      maxOpenTables: files.tables,
      maxTemporaryFiles: files.temporary,
      onFailure,
      onWarning: (message) => log.warn(message),
    },
    superuser: config.user,
    database: config.database,
    parameters: config.parameters,
    maxConnections: files.connections,
    maxPreparedTransactions: config.maxPreparedTransactions,
    storedPassword,
    superuserVerifier: superuserVerifier(config),
    log: moduleLogger(log, config, 'session'),
  };
}

/** The superuser's password in the settings, as pg_authid would keep it. */
export function superuserVerifier({ password }: Config): string | null {
  return password === null ? null : makeScramVerifier(password);
}

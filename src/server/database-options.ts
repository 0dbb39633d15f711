/** What the database is told of the server's settings. */
import type { Config } from '../config/config.js';
import { makeScramVerifier } from '../pgwire/scram.js';
import type { DatabaseOptions } from '../session/database.js';
import type { FilePlan } from './file-limit.js';
import { type Logger, moduleLogger } from './logger.js';

export function databaseOptions(
  config: Config,
  log: Logger,
  files: FilePlan,
  onFailure?: (error: Error) => void,
): DatabaseOptions {
  return {
    store: {
      dataDir: config.dataDir,
      provider: config.provider === 'memory' ? 'memory' : 'level',
      blockCacheSize: config.blockCacheSize,
      writeBufferSize: config.writeBufferSize,
      maxWalSize: config.maxWalSize,
      writeSetMemory: config.writeSetMemory,
      changeSetMemory: config.changeSetMemory,
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
    makePasswordVerifier: makeScramVerifier,
    superuserVerifier: config.password === null ? null : makeScramVerifier(config.password),
    log: moduleLogger(log, config, 'session'),
  };
}

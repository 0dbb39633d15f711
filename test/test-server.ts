/** A server for tests: in this process, on a free loopback port, in memory or in a directory of its own. */
import { pino } from 'pino';
import { loadConfig } from '../src/config/config.js';
import { OrbitServer } from '../src/server/server.js';

export interface TestServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** `dataDir`: keep data there; in memory when absent. */
export async function startTestServer(
  options: { dataDir?: string; env?: Record<string, string> } = {},
): Promise<TestServer> {
  const provider = options.dataDir === undefined ? 'memory' : 'leveldb';
  const env = { ORBIT_PERSISTENCE_PROVIDER: provider, ...options.env };
  const config = loadConfig({ port: '0', 'data-dir': options.dataDir, 'log-level': 'silent' }, env, '/');
  const server = await OrbitServer.start(config, pino({ level: 'silent' }));
  const port = server.address?.port;
  if (port === undefined) throw new Error('the test server has no port');
  return { port, stop: () => server.stop() };
}

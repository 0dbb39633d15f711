/**
 * The database that a client's test talks to: an in-memory server of its own, or, with ORBIT_CLIENTS_TARGET=postgres, a fresh
 * database of the PostgreSQL that PGHOST, PGPORT and PGUSER name. The same assertions hold for both: that is how they were made.
 */
import { inFreshDatabase } from '../golden/fresh-database.js';
import { startTestServer } from '../test-server.js';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** Hands an empty database to `work`; it is gone afterwards. */
export async function withTarget(work: (target: Target) => Promise<void>): Promise<void> {
  if (process.env.ORBIT_CLIENTS_TARGET === 'postgres') {
    const { PGHOST = '127.0.0.1', PGPORT = '5432', PGUSER = 'postgres' } = process.env;
    return inFreshDatabase((database) => work({ host: PGHOST, port: Number(PGPORT), user: PGUSER, database }));
  }
  const server = await startTestServer();
  try {
    await work({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  } finally {
    await server.stop();
  }
}

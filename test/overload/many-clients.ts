/** A server for tests with many clients, which are ended with it, and the count of its sessions. */
import pg from 'pg';
import type { Test } from 'tap';
import { startTestServer, type TestServer } from '../test-server.js';

export interface Setup {
  readonly server: TestServer;
  open(user?: string): Promise<pg.Client>;
}

export async function setup(t: Test, env: Record<string, string>, dataDir?: string): Promise<Setup> {
  const server = await startTestServer({ env, dataDir });
  const clients: pg.Client[] = [];
  t.teardown(async () => {
    for (const client of clients) await client.end().catch(() => {});
    await server.stop();
  });
  const open = async (user = 'orbit'): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port: server.port, user, database: 'actors' });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  return { server, open };
}

/** Sessions that the server knows of, as `observer` sees them. */
export async function sessions(observer: pg.Client): Promise<number> {
  return (await observer.query('SELECT count(*)::int AS n FROM pg_stat_activity')).rows[0].n;
}

/** Waits until so many sessions are there. */
export async function eventually(t: Test, observer: pg.Client, expected: number, what: string): Promise<void> {
  let seen = -1;
  for (let i = 0; i < 500 && seen !== expected; i++) {
    seen = await sessions(observer);
    if (seen !== expected) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.equal(seen, expected, what);
}

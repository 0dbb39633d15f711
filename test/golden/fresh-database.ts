/** A database of its own for each recording, on the PostgreSQL that PGHOST, PGPORT, … name. */
import pg from 'pg';

async function administer(sql: string): Promise<void> {
  const admin = new pg.Client();
  await admin.connect();
  await admin.query(sql);
  await admin.end();
}

/** Creates an empty database, hands its name to `work`, and drops it; gives what `work` gave. */
export async function inFreshDatabase<Result>(work: (database: string) => Promise<Result>): Promise<Result> {
  const database = `orbit_golden_${process.pid}`;
  await administer(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await administer(`CREATE DATABASE ${database} TEMPLATE template0`);
  try {
    return await work(database);
  } finally {
    await administer(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  }
}

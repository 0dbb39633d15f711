/**
 * CREATE DATABASE from a template with contents, and DROP DATABASE, in turn. Odd steps make the database of their number, even
 * ones drop the one before the last; so what is there tells the step. A database is there with all its contents or not at all.
 */
import pg from 'pg';
import { checkAnswers } from './ledger.js';
import type { Workload } from './workloads.js';

const TEMPLATE = 'crash_template';
const FIRST = 'crash_0';
const ROWS = 700;

async function inDatabase(
  client: pg.Client,
  database: string,
  work: (inside: pg.Client) => Promise<void>,
): Promise<void> {
  const { host, port, user } = client;
  const inside = new pg.Client({ host, port, user, database });
  // The server is killed while the workload runs.
  inside.on('error', () => undefined);
  await inside.connect();
  try {
    await work(inside);
  } finally {
    await inside.end().catch(() => undefined);
  }
}

function statement(n: number): string {
  if (n % 2 === 1) return `CREATE DATABASE crash_${n} TEMPLATE ${TEMPLATE}`;
  return `DROP DATABASE ${n === 2 ? FIRST : `crash_${n - 3}`}`;
}

/** The databases that are there after step n. */
function remaining(n: number): string[] {
  const last = n % 2 === 1 ? n : n - 1;
  const before = last === 1 ? FIRST : `crash_${last - 2}`;
  if (n === 0) return [FIRST];
  return n % 2 === 1 ? [before, `crash_${last}`] : [`crash_${last}`];
}

export const DATABASES: Workload = {
  name: 'databases',
  async setup(client) {
    await client.query(`CREATE DATABASE ${TEMPLATE}`);
    await inDatabase(client, TEMPLATE, async (inside) => {
      await inside.query('CREATE TABLE item (id int PRIMARY KEY, tag text)');
      await inside.query(`INSERT INTO item SELECT g, 'tag ' || g FROM generate_series(1, ${ROWS}) g`);
      await inside.query('CREATE INDEX item_tag ON item (tag)');
    });
    await client.query(`CREATE DATABASE ${FIRST} TEMPLATE ${TEMPLATE}`);
  },
  async step(client, n) {
    await client.query(statement(n));
  },
  async check(client) {
    const { rows } = await client.query<{ datname: string }>(
      `SELECT datname FROM pg_database WHERE datname ~ '^crash_[0-9]+$' ORDER BY substr(datname, 7)::int`,
    );
    const names = rows.map(({ datname }) => datname);
    const newest = Number(names.at(-1)?.slice('crash_'.length) ?? -1);
    const step = newest === 0 ? 0 : names.length === 2 ? newest : newest + 1;
    if (names.join() !== remaining(step).join()) throw new Error(`databases: ${names.join()} after step ${step}`);
    for (const name of names) {
      await inDatabase(client, name, async (inside) => {
        const { rows: items } = await inside.query('SELECT count(*)::int AS n, sum(id)::int AS total FROM item');
        if (items[0]?.n !== ROWS || items[0]?.total !== (ROWS * (ROWS + 1)) / 2)
          throw new Error(`databases: ${name} has ${items[0]?.n} rows`);
        await checkAnswers(inside, "SELECT * FROM item WHERE tag > '' ORDER BY tag");
      });
    }
    return step;
  },
};

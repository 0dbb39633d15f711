/** Joins of many tables, written in any order, get an order in which no step multiplies large inputs. */
import pg from 'pg';
import t from 'tap';
import { startTestServer } from '../test-server.js';

const TABLES = 17;
const SIZES = [2000, 500, 20, 1000, 50, 300, 1500, 800];
const size = (i: number): number => SIZES[i % SIZES.length];

const server = await startTestServer();
t.teardown(() => server.stop());
const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
await client.connect();
t.teardown(() => client.end());
for (let i = 0; i < TABLES; i++)
  await client.query(`CREATE TABLE j${i} (id int PRIMARY KEY, ref int, k int);
    INSERT INTO j${i} SELECT g, g % ${size(i + 1)} + 1, g % 10 FROM generate_series(1, ${size(i)}) g;
    CREATE INDEX ON j${i} (ref)`);
await client.query('ANALYZE');

interface Plan {
  readonly 'Node Type': string;
  readonly 'Plan Rows': number;
  readonly 'Total Cost': number;
  readonly Plans?: readonly Plan[];
}

/** What joins expect to cost, and nested loops over whole tables on both sides. */
async function planned(sql: string): Promise<{ cost: number; crossed: number }> {
  const types = { getTypeParser: () => String };
  const { rows } = await client.query<{ 'QUERY PLAN': string }>({ text: `EXPLAIN (FORMAT JSON) ${sql}`, types });
  const plan: Plan = JSON.parse(rows[0]['QUERY PLAN'])[0].Plan;
  return { cost: plan['Total Cost'], crossed: crossedIn(plan) };
}

function crossedIn(plan: Plan): number {
  const inner = plan.Plans?.[1];
  const isCrossed =
    plan['Node Type'] === 'Nested Loop' && inner?.['Node Type'] === 'Seq Scan' && inner['Plan Rows'] > 100;
  return (plan.Plans ?? []).reduce((sum, child) => sum + crossedIn(child), isCrossed ? 1 : 0);
}

const names = Array.from({ length: TABLES }, (_, i) => `j${i}`);
const chain = names.slice(1).map((name, i) => `j${i}.ref = ${name}.id`);

t.test('a chain whose tables are written in another order', async (t) => {
  const shuffled = names.toSorted((a, b) => ((Number(a.slice(1)) * 7) % TABLES) - ((Number(b.slice(1)) * 7) % TABLES));
  const { cost, crossed } = await planned(
    `SELECT count(*) FROM ${shuffled.join(', ')} WHERE ${chain.join(' AND ')} AND j0.k = 3`,
  );
  t.equal(crossed, 0);
  t.ok(cost < 1_000_000, String(cost));
});

t.test('a star', async (t) => {
  const joins = names.slice(1).map((name) => `JOIN ${name} ON j0.k + 1 = ${name}.id`);
  const { cost } = await planned(`SELECT count(*) FROM j0 ${joins.join(' ')} WHERE j0.ref = 7`);
  t.ok(cost < 1_000_000, String(cost));
});

t.test('the rows are the same', async (t) => {
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM ${names.toReversed().join(', ')} WHERE ${chain.join(' AND ')} AND j0.k = 3`,
  );
  t.equal(rows[0].count, '200');
});

/**
 * Fuzzers of the SQL entry: mutated statements, token salad and nonsense; every function, operator and cast of pg_catalog
 * with awkward values. None may end in an internal error, hang, or cost the connection. FUZZ_RUNS and FUZZ_SEED widen the
 * search; what they find becomes a case of its own below.
 */
import fc from 'fast-check';
import pg from 'pg';
import t, { type Test } from 'tap';
import { startTestServer, type TestServer } from '../test-server.js';
import { anyText, mutatedStatement, tokenSalad } from './fuzz-sql.js';
import { awkwardLiteral, LITERAL_TYPES } from './fuzz-values.js';

const RUNS = Number(process.env.FUZZ_RUNS ?? 400);
const SEED = Number(process.env.FUZZ_SEED ?? 4711);

/** Functions that end connections, wait, or touch the server's files. */
const UNCALLED =
  /pg_terminate|pg_cancel|pg_sleep|pg_reload|pg_rotate|advisory_lock|pg_read|pg_ls|lo_|_recv$|_send$|set_config/;
/** PostgreSQL's own internal errors, for states of aggregates that only their transition functions make. */
const OWN_INTERNAL =
  /^expected \d-element|unrecognized object type abbreviation|cache lookup failed|unrecognized interval typmod/;

class Fuzzed {
  private constructor(
    private readonly server: TestServer,
    private client: pg.Client,
  ) {}

  static async open(t: Test): Promise<Fuzzed> {
    const server = await startTestServer();
    const fuzzed = new Fuzzed(server, await connected(server));
    t.teardown(async () => {
      await fuzzed.client.end();
      await server.stop();
    });
    return fuzzed;
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.client.query(sql)).rows;
  }

  /** What is wrong with the outcome of a statement; null when nothing is. */
  async fault(sql: string, extended = false): Promise<string | null> {
    try {
      // The driver takes `queryMode`, its types do not tell of it.
      const config = { text: sql, queryMode: extended ? 'extended' : 'simple' };
      await this.client.query(config);
      return null;
    } catch (error) {
      if (error instanceof pg.DatabaseError) {
        if (error.code !== 'XX000' && error.code !== '57014') return null;
        return OWN_INTERNAL.test(error.message) ? null : `${error.code} ${error.message}: ${sql}`;
      }
      this.client = await connected(this.server);
      return `the connection is lost (${String(error)}): ${sql}`;
    }
  }
}

async function connected(server: TestServer): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  client.on('error', () => {});
  await client.connect();
  // A hang would otherwise only be seen by the test's own limit.
  await client.query("SET statement_timeout = '20s'");
  return client;
}

t.test('statements', async (t) => {
  const fuzzed = await Fuzzed.open(t);
  const statements = fc.oneof(
    { weight: 6, arbitrary: mutatedStatement },
    { weight: 2, arbitrary: tokenSalad },
    { weight: 1, arbitrary: anyText },
  );
  const faults: string[] = [];
  for (const [i, sql] of fc.sample(statements, { numRuns: RUNS * 3, seed: SEED }).entries()) {
    const fault = await fuzzed.fault(sql, i % 2 === 1);
    if (fault !== null) faults.push(fault);
    if (i % 50 === 0) await fuzzed.fault('ROLLBACK');
  }
  t.same(faults, []);
});

/** A list that is the same for the same seed. */
function picker(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
}

function call(row: Record<string, unknown>, pick: (below: number) => number): string | null {
  const { proname, prokind, proretset, args, variadic } = row;
  if (!Array.isArray(args) || UNCALLED.test(String(proname))) return null;
  const literals = args.map((type) => awkwardLiteral(String(type), pick));
  if (literals.includes(null)) return null;
  if (variadic === true) literals.push(`VARIADIC ${literals.pop()}`);
  const name = `pg_catalog."${proname}"`;
  const list = literals.join(', ');
  if (prokind === 'a') return `SELECT ${name}(${list === '' ? '*' : list}) FROM generate_series(1, 3)`;
  if (prokind === 'w') return `SELECT ${name}(${list}) OVER (ORDER BY g) FROM generate_series(1, 3) g`;
  return proretset === true ? `SELECT * FROM ${name}(${list}) LIMIT 10` : `SELECT ${name}(${list})`;
}

t.test('functions, operators and casts of pg_catalog', async (t) => {
  const fuzzed = await Fuzzed.open(t);
  const pick = picker(SEED);
  const functions = await fuzzed.rows(`SELECT proname, prokind::text, proretset, provariadic <> 0 AS variadic,
    ARRAY(SELECT t.typname::text FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a(o, n) JOIN pg_type t ON t.oid = a.o ORDER BY n) AS args
    FROM pg_proc p WHERE pronamespace = 11 AND prorettype <> 'trigger'::regtype ORDER BY p.oid`);
  const operators = await fuzzed.rows(`SELECT oprname, l.typname AS l, r.typname AS r
    FROM pg_operator o LEFT JOIN pg_type l ON l.oid = oprleft LEFT JOIN pg_type r ON r.oid = oprright ORDER BY o.oid`);
  const types = await fuzzed.rows(
    "SELECT typname FROM pg_type WHERE typnamespace = 11 AND typtype IN ('b', 'r', 'm') ORDER BY oid",
  );
  const statements = [
    ...functions.map((row) => call(row, pick)),
    ...operators.map(({ oprname, l, r }) => {
      const [left, right] = [l === null ? '' : awkwardLiteral(String(l), pick), awkwardLiteral(String(r), pick)];
      return left === null || right === null ? null : `SELECT ${left} OPERATOR(pg_catalog.${oprname}) ${right}`;
    }),
    ...types.flatMap(({ typname }) => {
      const from = LITERAL_TYPES[pick(LITERAL_TYPES.length)];
      return [
        `SELECT ${awkwardLiteral('text', pick)}::"${typname}"`,
        `SELECT ${awkwardLiteral(from, pick)}::"${typname}"`,
      ];
    }),
  ].filter((sql) => sql !== null);
  t.ok(statements.length > 2000, `${statements.length} statements`);
  const faults: string[] = [];
  // Every statement in a long run, an even sample of them in the short one.
  const step = Math.max(1, Math.floor((3 * 400) / RUNS));
  for (let i = SEED % step; i < statements.length; i += step) {
    const fault = await fuzzed.fault(statements[i], i % 2 === 1);
    if (fault !== null) faults.push(fault);
  }
  t.same(faults, []);
});

/** What the fuzzers have found. */
const FOUND: Readonly<Record<string, string>> = {
  'a bit length that would overflow': "SELECT length(pg_catalog.bit(B'101', 2147483647, true))",
};

t.test('what was found before', async (t) => {
  const fuzzed = await Fuzzed.open(t);
  for (const [name, sql] of Object.entries(FOUND)) t.equal(await fuzzed.fault(sql), null, name);
});

/**
 * Workloads for the crash matrix. Each counts its steps; what the database must hold is a function of the number of steps
 * that were committed. A step is one transaction: after a crash the one under way is there as a whole or not at all.
 */
import type pg from 'pg';
import { checkAnswers } from './ledger.js';

export interface Workload {
  readonly name: string;
  /** Environment of the server that dies. */
  readonly settings?: Readonly<Record<string, string>>;
  setup(client: pg.Client): Promise<void>;
  /** Step n, from 1. */
  step(client: pg.Client, n: number): Promise<void>;
  /** The number of the last step that is in the database. @throws when what is there is not what that step leaves */
  check(client: pg.Client): Promise<number>;
}

async function one(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
  return Number(rows[0]?.[0] ?? 0);
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

async function inTransaction(client: pg.Client, statements: readonly string[]): Promise<void> {
  for (const sql of ['BEGIN', ...statements, 'COMMIT']) await client.query(sql);
}

const MIX: Workload = {
  name: 'mix',
  async setup(client) {
    await client.query('CREATE TABLE mix (id int PRIMARY KEY, touched int NOT NULL, note text)');
    await client.query('CREATE INDEX mix_touched ON mix (touched, note)');
  },
  step: (client, n) =>
    inTransaction(client, [
      `INSERT INTO mix VALUES (${n}, 0, 'step ${n}')`,
      'UPDATE mix SET touched = touched + 1',
      `DELETE FROM mix WHERE id <= ${n - 10}`,
    ]),
  async check(client) {
    const last = await one(client, 'SELECT max(id) FROM mix');
    const { rows } = await client.query('SELECT id, touched FROM mix ORDER BY id');
    must(rows.length === Math.min(last, 10), `mix: ${rows.length} rows after step ${last}`);
    for (const { id, touched } of rows) must(touched === last - id + 1, `mix: row ${id} was touched ${touched} times`);
    await checkAnswers(client, 'SELECT * FROM mix WHERE touched > -1 ORDER BY touched, note');
    await checkAnswers(client, 'SELECT * FROM mix WHERE id > -1 ORDER BY id');
    return last;
  },
};

const LARGE_ROWS = 2400;

/** Commits of about 3 MB, which are several records of the log. */
const LARGE: Workload = {
  name: 'large',
  async setup(client) {
    await client.query('CREATE TABLE large (batch int, line int, filler text, PRIMARY KEY (batch, line))');
  },
  step: (client, n) =>
    inTransaction(client, [
      `INSERT INTO large SELECT ${n}, g, repeat('y', 1200) FROM generate_series(1, ${LARGE_ROWS}) g`,
      `DELETE FROM large WHERE batch < ${n}`,
    ]),
  async check(client) {
    const last = await one(client, 'SELECT max(batch) FROM large');
    const { rows } = await client.query(
      'SELECT batch, count(*)::int AS c, min(length(filler)) AS l FROM large GROUP BY 1',
    );
    const expected = last === 0 ? [] : [{ batch: last, c: LARGE_ROWS, l: 1200 }];
    must(JSON.stringify(rows) === JSON.stringify(expected), `large: ${JSON.stringify(rows)} after step ${last}`);
    await checkAnswers(client, 'SELECT batch, line FROM large WHERE batch > -1 ORDER BY batch, line');
    return last;
  },
};

const CHANGED_ROWS = 3000;

/** Updates and deletes that do not fit into the memory given to them. Each step changes all keys, also by their signs. */
const CHANGES: Workload = {
  name: 'changes',
  settings: { ORBIT_PERSISTENCE_CHANGE_SET_MEMORY: '100000' },
  async setup(client) {
    await client.query('CREATE TABLE changed (id int PRIMARY KEY, step int NOT NULL, note text)');
    await client.query('CREATE INDEX changed_step ON changed (step)');
    await client.query(`INSERT INTO changed SELECT g, 0, 'row ' || g FROM generate_series(1, ${CHANGED_ROWS}) g`);
  },
  step: (client, n) =>
    inTransaction(client, [
      'UPDATE changed SET step = step + 1, id = -id',
      `DELETE FROM changed WHERE abs(id) % 3 = ${n % 3}`,
      `INSERT INTO changed SELECT g * ${n % 2 === 0 ? 1 : -1}, ${n}, 'row ' || g
         FROM generate_series(1, ${CHANGED_ROWS}) g WHERE g % 3 = ${n % 3}`,
    ]),
  async check(client) {
    const { rows } = await client.query(
      "SELECT step, count(*)::int AS c FROM changed WHERE note = 'row ' || abs(id) AND (id < 0) = (step % 2 = 1) GROUP BY 1",
    );
    must(rows.length === 1 && rows[0].c === CHANGED_ROWS, `changes: ${JSON.stringify(rows)}`);
    await checkAnswers(client, 'SELECT id, step, note FROM changed WHERE id > -1000000 ORDER BY id');
    await checkAnswers(client, 'SELECT id, step, note FROM changed WHERE step > -1 ORDER BY step, id');
    return rows[0].step;
  },
};

/** Each step makes a table with rows, alters it, gives it an index, and drops that of the step before. */
const DDL: Workload = {
  name: 'ddl',
  setup: async () => undefined,
  step: (client, n) =>
    inTransaction(client, [
      `CREATE TABLE made_${n} (id int PRIMARY KEY, a text)`,
      `INSERT INTO made_${n} SELECT g, 'a' || g FROM generate_series(1, 50) g`,
      `ALTER TABLE made_${n} ADD COLUMN b int NOT NULL DEFAULT ${n}`,
      `CREATE INDEX made_${n}_a ON made_${n} (a)`,
      `DROP TABLE IF EXISTS made_${n - 1}`,
    ]),
  async check(client) {
    const { rows } = await client.query(
      'SELECT relname, relkind::text AS kind FROM pg_class WHERE relname LIKE \'made%\' ORDER BY relname COLLATE "C"',
    );
    if (rows.length === 0) return 0;
    const table = rows[0].relname;
    const names = JSON.stringify(rows.map(({ relname, kind }) => [relname, kind]));
    const expected = [
      [table, 'r'],
      [`${table}_a`, 'i'],
      [`${table}_pkey`, 'i'],
    ];
    must(names === JSON.stringify(expected), `ddl: the catalog has ${names}`);
    const n = Number(table.slice('made_'.length));
    must((await one(client, `SELECT count(*) FROM ${table} WHERE b = ${n} AND a = 'a' || id`)) === 50, `ddl: ${table}`);
    await checkAnswers(client, `SELECT id, a, b FROM ${table} WHERE a > '' ORDER BY a`);
    const orphans = 'SELECT count(*) FROM pg_attribute WHERE attrelid NOT IN (SELECT oid FROM pg_class)';
    must((await one(client, orphans)) === 0, 'ddl: columns without a relation');
    return n;
  },
};

/** What pg's connections have besides their declared methods. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** COPY … FROM STDIN with the given lines. */
class CopyIn implements pg.Submittable {
  readonly done: Promise<void>;
  private finish: (error: Error | null) => void = () => undefined;

  constructor(
    private readonly sql: string,
    private readonly lines: string,
  ) {
    this.done = new Promise((resolve, reject) => {
      this.finish = (error) => (error === null ? resolve() : reject(error));
    });
  }

  submit(connection: pg.Connection): void {
    connection.query(this.sql);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.lines));
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {
    // ReadyForQuery follows.
  }

  handleError(error: Error): void {
    this.finish(error);
  }

  handleReadyForQuery(): void {
    this.finish(null);
  }
}

const COPY_ROWS = 200;

const COPY: Workload = {
  name: 'copy',
  async setup(client) {
    await client.query('CREATE TABLE copied (batch int, line int, t text)');
    await client.query('CREATE UNIQUE INDEX copied_key ON copied (batch, line)');
  },
  async step(client, n) {
    const lines = Array.from({ length: COPY_ROWS }, (_, line) => `${n}\t${line}\ttext ${line}\n`).join('');
    const copy = new CopyIn('COPY copied FROM STDIN', lines);
    client.query(copy);
    await copy.done;
  },
  async check(client) {
    const last = await one(client, 'SELECT max(batch) FROM copied');
    const batches = await one(
      client,
      `SELECT count(*) FROM (SELECT batch FROM copied GROUP BY 1 HAVING count(*) = ${COPY_ROWS}) b`,
    );
    must(batches === last, `copy: ${batches} whole batches of ${last}`);
    must((await one(client, 'SELECT count(*) FROM copied')) === last * COPY_ROWS, 'copy: part of a batch');
    await checkAnswers(client, 'SELECT * FROM copied WHERE batch > -1 ORDER BY batch, line');
    return last;
  },
};

const SEQUENCE: Workload = {
  name: 'sequence',
  async setup(client) {
    await client.query('CREATE TABLE numbered (id bigserial PRIMARY KEY, n int)');
  },
  async step(client, n) {
    await client.query(`INSERT INTO numbered (n) VALUES (${n})`);
    await client.query("SELECT nextval('numbered_id_seq')");
  },
  async check(client) {
    const last = await one(client, 'SELECT max(n) FROM numbered');
    must((await one(client, 'SELECT count(*) FROM numbered')) === last, `sequence: rows are missing of ${last}`);
    const highest = await one(client, 'SELECT max(id) FROM numbered');
    must((await one(client, "SELECT nextval('numbered_id_seq')")) > highest, 'sequence: a number comes again');
    await checkAnswers(client, 'SELECT * FROM numbered WHERE id > -1 ORDER BY id');
    return last;
  },
};

const TRUNCATE: Workload = {
  name: 'truncate',
  async setup(client) {
    await client.query('CREATE TABLE emptied (batch int, line int PRIMARY KEY)');
  },
  step: (client, n) =>
    inTransaction(client, ['TRUNCATE emptied', `INSERT INTO emptied SELECT ${n}, g FROM generate_series(1, 100) g`]),
  async check(client) {
    const last = await one(client, 'SELECT max(batch) FROM emptied');
    const whole = await one(client, `SELECT count(*) FROM emptied WHERE batch = ${last}`);
    must(whole === (last === 0 ? 0 : 100), `truncate: ${whole} rows of batch ${last}`);
    must((await one(client, 'SELECT count(*) FROM emptied')) === whole, 'truncate: rows of another batch');
    await checkAnswers(client, 'SELECT * FROM emptied WHERE line > -1 ORDER BY line');
    return last;
  },
};

async function preparedNames(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ gid: string }>('SELECT gid FROM pg_prepared_xacts');
  return rows.map(({ gid }) => gid);
}

async function commitAll(client: pg.Client): Promise<void> {
  for (const gid of await preparedNames(client)) {
    if (gid.startsWith('step')) await client.query(`COMMIT PREPARED '${gid}'`);
  }
}

const BULK_ROWS = 2000;
/** Every third step inserts so much that it is stored before the transactions end. */
const BULK_EVERY = 3;

function bulkOf(n: number): string {
  return `SELECT ${n} AS id, repeat('u', 1000) AS text FROM generate_series(1, ${BULK_ROWS})`;
}

/** Each step commits the transaction that the one before has prepared, and prepares another one. A third is rolled back. */
const PREPARED: Workload = {
  name: 'prepared',
  settings: { ORBIT_PERSISTENCE_CHANGE_SET_MEMORY: '100000' },
  async setup(client) {
    await client.query('CREATE TABLE twice (id int PRIMARY KEY, touched int NOT NULL, note text)');
    await client.query('CREATE INDEX twice_touched ON twice (touched, note)');
    await client.query('CREATE TABLE bulk (id int, text text)');
    await client.query('CREATE INDEX bulk_id ON bulk (id)');
    await client.query(
      "CREATE TABLE steady AS SELECT g AS id, repeat('s', 400) AS text FROM generate_series(1, 300) g",
    );
  },
  async step(client, n) {
    await commitAll(client);
    await client.query('BEGIN');
    await client.query("UPDATE steady SET text = repeat('t', 400)");
    if (n % BULK_EVERY === 0) await client.query(`INSERT INTO steady ${bulkOf(n)}`);
    await client.query(`PREPARE TRANSACTION 'never ${n}'`);
    await client.query('BEGIN');
    await client.query(`INSERT INTO twice VALUES (${n}, 0, 'step ${n}')`);
    await client.query('UPDATE twice SET touched = touched + 1');
    await client.query(`DELETE FROM twice WHERE id <= ${n - 10}`);
    if (n % BULK_EVERY === 0) {
      await client.query('DELETE FROM bulk');
      await client.query(`INSERT INTO bulk ${bulkOf(-n)}`);
      await client.query(`UPDATE bulk SET id = ${n}`);
    }
    await client.query(`CREATE TABLE twice_${n} AS SELECT ${n} AS n`);
    await client.query(`DROP TABLE IF EXISTS twice_${n - 1}`);
    await client.query(`PREPARE TRANSACTION 'step ${n}'`);
    await client.query(`ROLLBACK PREPARED 'never ${n}'`);
  },
  async check(client) {
    const gids = await preparedNames(client);
    for (const gid of gids) {
      const table = gid.startsWith('step') ? 'twice' : 'steady';
      const { rows } = await client.query(`SELECT 1 FROM ${table} FOR KEY SHARE SKIP LOCKED`);
      if (table === 'steady') must(rows.length === 300, `prepared: ${rows.length} rows can be shared beside "${gid}"`);
      const free = await client.query(`SELECT 1 FROM ${table} FOR UPDATE SKIP LOCKED`);
      must(free.rows.length === 0, `prepared: ${free.rows.length} rows are not locked by "${gid}"`);
      if (table === 'steady') await client.query(`ROLLBACK PREPARED '${gid}'`);
    }
    await commitAll(client);
    must((await preparedNames(client)).length === 0, 'prepared: all have ended');
    must((await one(client, "SELECT count(*) FROM steady WHERE text = repeat('s', 400)")) === 300, 'prepared: steady');
    must((await one(client, 'SELECT count(*) FROM steady')) === 300, 'prepared: steady has more rows');
    const last = await one(client, 'SELECT max(id) FROM twice');
    const bulk = await client.query('SELECT id, count(*)::int AS n, min(length(text)) AS l FROM bulk GROUP BY 1');
    const expected = last < BULK_EVERY ? [] : [{ id: last - (last % BULK_EVERY), n: BULK_ROWS, l: 1000 }];
    must(
      JSON.stringify(bulk.rows) === JSON.stringify(expected),
      `prepared: ${JSON.stringify(bulk.rows)} after ${last}`,
    );
    await checkAnswers(client, 'SELECT * FROM bulk WHERE id > -1 ORDER BY id');
    const { rows } = await client.query('SELECT id, touched FROM twice ORDER BY id');
    must(rows.length === Math.min(last, 10), `prepared: ${rows.length} rows after step ${last}`);
    for (const { id, touched } of rows)
      must(touched === last - id + 1, `prepared: row ${id} was touched ${touched} times`);
    if (last > 0) must((await one(client, `SELECT n FROM twice_${last}`)) === last, `prepared: twice_${last}`);
    await checkAnswers(client, 'SELECT * FROM twice WHERE touched > -1 ORDER BY touched, note');
    await checkAnswers(client, 'SELECT * FROM twice WHERE id > -1 ORDER BY id');
    return last;
  },
};

export const WORKLOADS: readonly Workload[] = [MIX, LARGE, CHANGES, DDL, COPY, SEQUENCE, TRUNCATE, PREPARED];

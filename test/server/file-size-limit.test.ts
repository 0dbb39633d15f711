/**
 * A store that can grow no further: a write of LevelDB's log fails half-way, as on a disk that becomes full. Clients go on
 * when there is room again, and what was answered survives a kill and an orderly end in that state.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import t, { type Test } from 'tap';
import { CrashServer } from '../crash/crash-server.js';
import { connect } from '../crash/ledger.js';
import { noLimits, ProcessLimits } from '../process-limits.js';

/** Longer than a segment of the log, and in the middle of some record of LevelDB's. */
const LIMIT = 1_500_001;
const BATCH = 100;
const OPTIONS = { skip: noLimits, timeout: 180_000 };

class Scene {
  rows = 0;

  private constructor(
    readonly dataDir: string,
    readonly server: CrashServer,
    readonly client: pg.Client,
    readonly limits: ProcessLimits,
  ) {}

  static async open(t: Test): Promise<Scene> {
    const dataDir = await mkdtemp(join(tmpdir(), 'orbit-size-'));
    t.teardown(() => rm(dataDir, { recursive: true, force: true }));
    const first = new CrashServer(dataDir);
    await first.mustListen();
    // LevelDB's log begins anew with the next start, far below the limit.
    await first.end('SIGTERM');
    const server = new CrashServer(dataDir);
    const client = await connect(await server.mustListen());
    client.on('error', () => undefined);
    const limits = new ProcessLimits(server.pid);
    t.teardown(() => limits.end());
    await client.query('CREATE TABLE kept (n int PRIMARY KEY, v text)');
    return new Scene(dataDir, server, client, limits);
  }

  /** Inserts more rows; returns the error, or null. */
  async insert(count = BATCH): Promise<unknown> {
    const sql = 'INSERT INTO kept SELECT g, repeat(md5(g::text), 10) FROM generate_series($1::int, $2::int) g';
    try {
      await this.client.query(sql, [this.rows + 1, this.rows + count]);
    } catch (error) {
      return error;
    }
    this.rows += count;
    return null;
  }

  async insertUntilRefused(): Promise<unknown> {
    for (;;) {
      const error = await this.insert();
      if (error !== null) return error;
    }
  }

  async insertUntilAccepted(t: Test): Promise<void> {
    for (;;) {
      const error = await this.insert();
      if (error === null) return;
      t.match(error, { code: '53100' });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Until a write has failed half-way. The store is opened anew soon after, which cuts the half off. */
  async fill(t: Test): Promise<void> {
    await this.limits.set('fsize', LIMIT);
    for (;;) {
      t.match(await this.insertUntilRefused(), {
        code: '53100',
        message: /^could not write to file ".*store": No space left on device$/,
      });
      if (await this.hasCutLog()) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async hasCutLog(): Promise<boolean> {
    const store = join(this.dataDir, 'store');
    for (const name of await readdir(store)) {
      const size = await stat(join(store, name)).then(
        (found) => found.size,
        () => 0,
      );
      if (name.endsWith('.log') && size === LIMIT) return true;
    }
    return false;
  }

  async count(client: pg.Client): Promise<number> {
    const { rows } = await client.query(
      'SELECT count(*)::int AS c, count(*) FILTER (WHERE v <> repeat(md5(n::text), 10))::int AS wrong FROM kept',
    );
    if (rows[0].wrong > 0) throw new Error(`${rows[0].wrong} rows are wrong`);
    return rows[0].c;
  }

  /** What another server finds. */
  async checkAgain(t: Test): Promise<void> {
    const server = new CrashServer(this.dataDir);
    const reader = await connect(await server.mustListen());
    t.equal(await this.count(reader), this.rows, 'everything that was answered is there, and nothing else');
    await reader.query('CHECKPOINT');
    await reader.end();
    t.equal((await server.end('SIGTERM')).code, 0);
  }
}

t.test('the server goes on when there is room', OPTIONS, async (t) => {
  const scene = await Scene.open(t);
  await scene.fill(t);
  t.equal(await scene.count(scene.client), scene.rows, 'reading goes on');
  await scene.limits.set('fsize', 'unlimited');
  await scene.insertUntilAccepted(t);
  await scene.client.query('CHECKPOINT');
  await scene.insertUntilAccepted(t);
  await scene.server.end('SIGKILL');
  await scene.checkAgain(t);
});

t.test('killed with half a record', OPTIONS, async (t) => {
  const scene = await Scene.open(t);
  await scene.fill(t);
  await scene.server.end('SIGKILL');
  await scene.checkAgain(t);
});

t.test('stopped while there is no room', OPTIONS, async (t) => {
  const scene = await Scene.open(t);
  await scene.fill(t);
  const { code, said } = await scene.server.end('SIGTERM');
  t.equal(code, 0);
  t.match(said, /no space is left for the store.*Stopped without a checkpoint/);
  await scene.checkAgain(t);
});

/** Has one client after the other write, until one is refused: those before may wait with what they have written. */
async function untilRefused(clients: readonly pg.Client[]): Promise<unknown> {
  for (const client of clients) {
    for (let outcome: unknown = 'written'; outcome === 'written'; ) {
      const written = client.query('INSERT INTO other VALUES (1)').then(
        () => 'written',
        (error: unknown) => error,
      );
      const patience = new Promise((resolve) => setTimeout(() => resolve('waits'), 500));
      outcome = await Promise.race([written, patience]);
      if (outcome instanceof Error) return outcome;
    }
  }
  return null;
}

t.test('stopped while a commit waits for a segment of the log', OPTIONS, async (t) => {
  const scene = await Scene.open(t);
  await scene.client.query('CREATE TABLE other (n int)');
  const port = await scene.server.mustListen();
  const others = await Promise.all(Array.from({ length: 10 }, () => connect(port)));
  for (const other of others) other.on('error', () => undefined);
  // No file can be opened, so no segment be begun; a commit that is larger than one waits.
  await scene.limits.set('nofile', 3);
  const stuck = scene.insert(4000);
  t.match(await untilRefused(others), {
    code: '53000',
    message: /^could not open file ".*wal.*": Too many open files$/,
  });
  const { code, said } = await scene.server.end('SIGTERM');
  t.equal(code, 0);
  t.match(said, /the write-ahead log cannot be written: EMFILE.*Stopped without a checkpoint/);
  t.ok((await stuck) instanceof Error, 'it was not answered');
  await scene.checkAgain(t);
});

t.test('asynchronous commits are lost by that, and the exit code says so', OPTIONS, async (t) => {
  const scene = await Scene.open(t);
  const hasSpare = async (): Promise<boolean> =>
    (await readdir(join(scene.dataDir, 'wal'))).some((name) => name.startsWith('spare-'));
  while (!(await hasSpare())) t.equal(await scene.insert(), null);
  const safe = scene.rows;
  await scene.client.query('SET synchronous_commit = off');
  // The next segment is there, but cannot be opened: what does not fit into this one is answered, and waits.
  await scene.limits.set('nofile', 3);
  t.match(await scene.insertUntilRefused(), { code: '53000' });
  const { code, said } = await scene.server.end('SIGTERM');
  t.equal(code, 1);
  t.match(said, /asynchronous commits are lost/);
  const { rows } = scene;
  const again = new CrashServer(scene.dataDir);
  const reader = await connect(await again.mustListen());
  const found = await scene.count(reader);
  t.ok(found >= safe && found < rows, `${found} of ${rows}`);
  await reader.end();
  await again.end('SIGTERM');
});

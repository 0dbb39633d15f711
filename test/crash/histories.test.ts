/**
 * Random histories of list appends through the wire, at each isolation level, while the server is killed and started
 * again: what was answered is there, nothing by half, and the dependencies are those that the level allows.
 * ORBIT_HISTORY_SECONDS: how long each level runs (default 3).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t from 'tap';
import { dependencies, findCycle, snapshotOrder, type TransactionRecord, union } from '../history-checker.js';
import { seededRandom } from '../wal/simulated-files.js';
import { CrashServer } from './crash-server.js';
import { connect } from './ledger.js';

const SECONDS = Number(process.env.ORBIT_HISTORY_SECONDS ?? 3);
const KILLS = 2;
const CLIENTS = 6;
const KEYS = 8;
/** The checker goes through all of them, so there are not more. */
const MOST = 4000;

/** Lists are in two tables. */
const tableOf = (key: number): string => (key % 2 === 0 ? 'even' : 'odd');
const listOf = (text: unknown): number[] => (text === '' || text === null ? [] : String(text).split(',').map(Number));

type Random = (below: number) => number;

/** One client of one life of the server. */
class Worker {
  private lost = false;

  constructor(
    private readonly client: pg.Client,
    private readonly level: string,
    private readonly next: Random,
    private readonly history: TransactionRecord[],
    /** Those whose COMMIT was sent and not answered. */
    private readonly unknown: Set<TransactionRecord>,
  ) {
    client.on('error', () => {
      this.lost = true;
    });
  }

  async run(until: () => boolean): Promise<void> {
    await this.client.query("SET deadlock_timeout = '20ms'");
    while (!until() && this.history.length < MOST) {
      if (!(await this.transaction())) return;
    }
  }

  private record(): TransactionRecord {
    const record: TransactionRecord = { id: this.history.length + 1, outcome: 'aborted', appends: [], reads: [] };
    this.history.push(record);
    return record;
  }

  /** Returns false when the server has gone. Without an answer to COMMIT, the lists will tell. */
  private async transaction(): Promise<boolean> {
    const record = this.record();
    try {
      await this.client.query(`BEGIN ISOLATION LEVEL ${this.level}`);
      for (let operations = 1 + this.next(4); operations > 0; operations--) await this.operation(record);
      if (this.next(12) === 0) {
        await this.client.query('ROLLBACK');
        return true;
      }
      this.unknown.add(record);
      await this.client.query('COMMIT');
      this.unknown.delete(record);
      record.outcome = 'committed';
      return true;
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || this.lost || error.code === '57P01') return false;
      // Conflicts, deadlocks, and two who insert the same key.
      this.unknown.delete(record);
      if (!['40001', '40P01', '23505'].includes(error.code ?? '')) throw error;
      return (await this.client.query('ROLLBACK').catch(() => null)) !== null;
    }
  }

  private async operation(record: TransactionRecord): Promise<void> {
    const key = this.next(KEYS);
    switch (this.next(8)) {
      case 0:
      case 1:
      case 2:
        await this.append(record, key);
        return;
      case 3: {
        const undone = this.record();
        await this.client.query('SAVEPOINT s');
        await this.append(undone, key);
        await this.client.query('ROLLBACK TO s');
        return;
      }
      case 4: {
        // With a lock, but at READ COMMITTED another version than a plain read's: not a read of the history.
        await this.client.query(`SELECT list FROM ${tableOf(key)} WHERE key = $1 FOR UPDATE`, [key]);
        return;
      }
      case 5:
        await this.read(record, 'SELECT key, list FROM even UNION ALL SELECT key, list FROM odd', [0, KEYS], 1);
        return;
      case 6:
        await this.read(
          record,
          `SELECT key, list FROM ${tableOf(key)} WHERE key >= ${key} AND key < ${key + 5} ORDER BY key`,
          [key, Math.min(key + 5, KEYS)],
          2,
        );
        return;
      default:
        await this.read(record, `SELECT key, list FROM ${tableOf(key)} WHERE key = ${key}`, [key, key + 1], 1);
    }
  }

  private async append(record: TransactionRecord, key: number): Promise<void> {
    const value = record.id * 100 + record.appends.length;
    record.appends.push({ key, value });
    const table = tableOf(key);
    const { rowCount } = await this.client.query(`UPDATE ${table} SET list = list || ',' || $2::text WHERE key = $1`, [
      key,
      value,
    ]);
    if (rowCount === 0) await this.client.query(`INSERT INTO ${table} VALUES ($1, $2::text)`, [key, value]);
  }

  /** The query gives those of the keys from `low` in steps up to `high` that are there. */
  private async read(record: TransactionRecord, sql: string, [low, high]: [number, number], by: number): Promise<void> {
    const { rows } = await this.client.query<{ key: number; list: string }>(sql);
    const found = new Map(rows.map(({ key, list }) => [key, listOf(list)]));
    for (let key = low; key < high; key += by) {
      if (record.appends.some((append) => append.key === key)) continue;
      record.reads.push({ key, list: found.get(key) ?? [] });
    }
  }
}

/** One life of the server, ended by SIGKILL in the middle of the work, or by SIGTERM after it. */
async function life(
  dataDir: string,
  level: string,
  seed: number,
  history: TransactionRecord[],
  unknown: Set<TransactionRecord>,
  last: boolean,
): Promise<void> {
  const server = new CrashServer(dataDir);
  const port = await server.mustListen();
  let over = false;
  const workers: Promise<void>[] = [];
  for (let i = 0; i < CLIENTS; i++) {
    const random = seededRandom(seed * 31 + i);
    const worker = new Worker(await connect(port), level, (below) => Math.floor(random() * below), history, unknown);
    workers.push(worker.run(() => over));
  }
  await new Promise((resolve) => setTimeout(resolve, (SECONDS * 1000) / (KILLS + 1)));
  over = last;
  if (!last) await server.end('SIGKILL');
  await Promise.all(workers);
  if (last) t.equal((await server.end('SIGTERM')).code, 0);
}

async function finalLists(dataDir: string): Promise<Map<number, number[]>> {
  const server = new CrashServer(dataDir);
  const reader = await connect(await server.mustListen());
  const { rows } = await reader.query('SELECT key, list FROM even UNION ALL SELECT key, list FROM odd');
  await reader.end();
  await server.end('SIGTERM');
  return new Map(rows.map(({ key, list }) => [key, listOf(list)]));
}

for (const level of ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE']) {
  t.test(level, { timeout: SECONDS * 1000 + 90_000 }, async (t) => {
    const seed = Number(process.env.ORBIT_HISTORY_SEED ?? Date.now() % 100_000);
    t.comment(`seed ${seed}`);
    const dataDir = await mkdtemp(join(tmpdir(), 'orbit-history-'));
    t.teardown(() => rm(dataDir, { recursive: true, force: true }));
    const first = new CrashServer(dataDir);
    const setup = await connect(await first.mustListen());
    for (const name of ['even', 'odd']) await setup.query(`CREATE TABLE ${name} (key int PRIMARY KEY, list text)`);
    await setup.end();
    await first.end('SIGKILL');
    const history: TransactionRecord[] = [];
    const unknown = new Set<TransactionRecord>();
    for (let n = 0; n <= KILLS; n++) await life(dataDir, level, seed + n, history, unknown, n === KILLS);
    const final = await finalLists(dataDir);
    const survived = new Set([...final.values()].flat());
    for (const record of unknown)
      if (record.appends.some(({ value }) => survived.has(value))) record.outcome = 'committed';
    const found = dependencies(history, final);
    t.same(found.violations, [], 'lost, aborted, torn or impossible values');
    t.equal(findCycle(found.direct), null, 'G1c');
    if (level !== 'READ COMMITTED') t.equal(findCycle(snapshotOrder(found)), null, 'what snapshots do not allow');
    if (level === 'SERIALIZABLE') t.equal(findCycle(union(found.direct, found.rw)), null, 'serializable');
    const committed = history.filter(({ outcome }) => outcome === 'committed').length;
    t.ok(committed > 100, `${committed} of ${history.length} transactions have committed`);
  });
}

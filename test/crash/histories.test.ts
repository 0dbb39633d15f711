/**
 * Random histories through the wire, at each isolation level, while the server is killed with COMMITs on their way and
 * started again: what was answered is there, nothing by half, and reads and dependencies are those that the level allows.
 *
 * ORBIT_HISTORY_ROUNDS=n: the long form, n rounds of each level; ORBIT_HISTORY_SECONDS: how long each takes (3; long form: 10);
 * ORBIT_HISTORY_SEED: the choices of the clients of the first round, the next has the next number. Who comes first is not
 * chosen by the seed, so a failure may need several goes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import t, { type Test } from 'tap';
import { type Anomaly, findAnomalies, type Level, type TransactionRecord } from '../history-checker.js';
import { HistoryRecorder } from '../history-recorder.js';
import { seededRandom } from '../wal/simulated-files.js';
import { CrashServer } from './crash-server.js';
import { PreparedHistory } from './history-prepared.js';
import {
  ALL_GROUPS,
  createHistoryTables,
  doneKey,
  GROUPS,
  HistoryWorker,
  KEYS,
  listOf,
  type Random,
} from './history-worker.js';
import { checkAnswers, connect } from './ledger.js';

const ROUNDS = Number(process.env.ORBIT_HISTORY_ROUNDS ?? 0);
const SECONDS = Number(process.env.ORBIT_HISTORY_SECONDS ?? (ROUNDS > 0 ? 10 : 3));
const SEED = Number(process.env.ORBIT_HISTORY_SEED ?? Date.now() % 100_000);
const KILLS = 2;
const CLIENTS = 6;
/** The checker goes through all of them, so a life of the server ends with so many. */
const MOST_OF_A_LIFE = 3000;
/** Others do so many before the next prepared transaction ends that was found at the start. */
const TRANSACTIONS_BETWEEN = 10;
/** On a busy machine a life takes longer than it should, and still does something. */
const LEAST_OF_A_LIFE = 60;
/** A kill waits so long for a COMMIT to be on its way. */
const KILL_PATIENCE_MS = 30_000;
const LEVELS: readonly Level[] = ['read committed', 'repeatable read', 'serializable'];
t.setTimeout(Math.max(ROUNDS, 1) * LEVELS.length * (SECONDS * 1000 + 90_000));

interface Kill {
  readonly inFlight: number;
  /** How many of the COMMITs in flight have counted, COMMIT PREPARED aside. */
  counted: number;
}

class Round {
  readonly recorder: HistoryRecorder;
  readonly prepared: PreparedHistory;
  readonly unknown = new Set<TransactionRecord>();
  readonly kills: Kill[] = [];
  private onSent: (() => void) | null = null;

  constructor(
    private readonly dataDir: string,
    level: Level,
    private readonly seed: number,
  ) {
    this.recorder = new HistoryRecorder(level);
    this.prepared = new PreparedHistory(this.recorder, () => this.sent());
  }

  sent(): void {
    this.onSent?.();
  }

  private random(salt: number): Random {
    const random = seededRandom(this.seed * 1009 + salt);
    return (below) => Math.floor(random() * below);
  }

  /** One life of the server: ended by SIGKILL in the middle of the work, or by SIGTERM after it. */
  async life(n: number, isLast: boolean): Promise<void> {
    const server = new CrashServer(this.dataDir);
    const port = await server.mustListen();
    const helper = await connect(port);
    helper.on('error', () => undefined);
    const left = await this.recover(helper);
    const before = this.recorder.history.length;
    const until = Date.now() + (SECONDS * 1000) / (KILLS + 1);
    const isDue = (): boolean => {
      const count = this.recorder.history.length - before;
      return count >= (Date.now() > until ? LEAST_OF_A_LIFE : MOST_OF_A_LIFE);
    };
    const workers: Promise<void>[] = [this.finishAll(helper, left)];
    for (let i = 0; i < CLIENTS; i++) {
      const worker = new HistoryWorker(await connect(port), this.random(n * CLIENTS + i), this);
      workers.push(worker.work(() => isLast && isDue()));
    }
    if (!isLast) await this.leavePrepared(port);
    const ended = Promise.all(workers);
    if (isLast) {
      await ended;
      const { code } = await server.end('SIGTERM');
      if (code !== 0) throw new Error(`exit code ${code}`);
      return;
    }
    // A worker that fails ends the wait as well.
    await Promise.race([ended, this.killWhen(server, isDue, this.random(1000 + n))]);
    await server.end('SIGKILL');
    await ended;
  }

  /** Prepares transactions that the kill will find. */
  private async leavePrepared(port: number): Promise<void> {
    for (let group = GROUPS; group < ALL_GROUPS; group++)
      await new HistoryWorker(await connect(port), this.random(0), this).leavePrepared(group);
  }

  /** Kills when a COMMIT has been sent, at once or a little later, with at least one still not answered. */
  private killWhen(server: CrashServer, isDue: () => boolean, next: Random): Promise<void> {
    return new Promise((resolve) => {
      const kill = (): void => {
        const inFlight = this.unknown.size + this.prepared.committing;
        if (this.onSent === null || inFlight === 0) return;
        this.onSent = null;
        clearTimeout(timer);
        void server.end('SIGKILL');
        this.kills.push({ inFlight, counted: 0 });
        resolve();
      };
      const timer = setTimeout(resolve, (SECONDS * 1000) / (KILLS + 1) + KILL_PATIENCE_MS);
      this.onSent = () => {
        if (!isDue()) return;
        const delay = next(4);
        if (delay === 0) kill();
        else setTimeout(kill, delay - 1);
      };
    });
  }

  /** Learns what has become of those whose end was not answered. Returns those that are still prepared. */
  private async recover(client: pg.Client): Promise<string[]> {
    const left = await this.prepared.recover(client);
    const { rows } = await client.query<{ id: number }>('SELECT id FROM done');
    const done = new Set(rows.map(({ id }) => id));
    for (const record of this.unknown) {
      // One that wrote nothing has no mark: its reads are held to what those of an aborted one are.
      this.recorder.end(record, done.has(record.id) ? 'committed' : 'aborted');
      const kill = this.kills.at(-1);
      if (kill !== undefined && done.has(record.id)) kill.counted++;
    }
    this.unknown.clear();
    return left;
  }

  /** One after the other, while others wait for their locks. The server may be killed meanwhile. */
  private async finishAll(client: pg.Client, gids: readonly string[]): Promise<void> {
    const next = this.random(2000);
    for (const gid of gids) {
      const some = this.recorder.history.length + TRANSACTIONS_BETWEEN;
      for (let i = 0; i < 100 && this.recorder.history.length < some; i++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await this.prepared.finish(client, gid, next(2) === 0).catch((error: unknown) => {
        if (error instanceof pg.DatabaseError) throw error;
      });
    }
    await client.end().catch(() => undefined);
  }

  /** What is wrong with the history, and with tables against their indexes. */
  async check(): Promise<Anomaly[]> {
    const server = new CrashServer(this.dataDir);
    const reader = await connect(await server.mustListen());
    for (const gid of await this.recover(reader)) await this.prepared.finish(reader, gid, true);
    const final = new Map<string, readonly number[]>();
    const lists = 'SELECT key, list FROM even UNION ALL SELECT key, list FROM odd';
    for (const { key, list } of (await reader.query<{ key: number; list: string }>(lists)).rows)
      final.set(String(key), listOf(list));
    const done = await reader.query<{ id: number; value: number }>('SELECT id, value FROM done');
    for (const { id, value } of done.rows) final.set(doneKey(id), [value]);
    const { rows } = await reader.query<{ value: number }>('SELECT value FROM member');
    const anomalies = this.recorder.members.complete(new Set(rows.map(({ value }) => value)), final);
    for (const table of ['even', 'odd'])
      await checkAnswers(reader, `SELECT * FROM ${table} WHERE key < ${KEYS} ORDER BY key`);
    for (const column of ['value', 'grp'])
      await checkAnswers(reader, `SELECT * FROM member WHERE ${column} > -1 ORDER BY value`);
    await reader.end();
    await server.end('SIGTERM');
    return [...anomalies, ...findAnomalies(this.recorder.history, final, this.recorder.level)];
  }
}

async function runRound(t: Test, level: Level, seed: number): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-history-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const first = new CrashServer(dataDir);
  const setup = await connect(await first.mustListen());
  await createHistoryTables(setup);
  await setup.end();
  await first.end('SIGKILL');
  const round = new Round(dataDir, level, seed);
  for (let n = 0; n <= KILLS; n++) await round.life(n, n === KILLS);
  t.same(await round.check(), [], 'anomalies that the level does not allow');
  const { kills, recorder, prepared } = round;
  const { acrossKill } = prepared.counts;
  const least = level === 'serializable' ? 1 : KILLS * (ALL_GROUPS - GROUPS);
  t.ok(acrossKill >= least, `${acrossKill} prepared transactions across kills`);
  t.equal(kills.filter(({ inFlight }) => inFlight > 0).length, KILLS, 'COMMITs were on their way at each kill');
  const committed = recorder.history.filter(({ outcome }) => outcome === 'committed').length;
  t.ok(committed > LEAST_OF_A_LIFE, `${committed} of ${recorder.history.length} transactions have committed`);
  const told = kills
    .map(({ inFlight, counted }) => `${inFlight} in flight, of which ${counted} have counted`)
    .join('; ');
  t.comment(`${prepared.counts.prepared} prepared; COMMITs at kills: ${told}`);
}

for (let round = 0; round < Math.max(ROUNDS, 1); round++) {
  for (const level of LEVELS) {
    const seed = SEED + round;
    t.test(`${level}, seed ${seed}`, { timeout: SECONDS * 1000 + 90_000 }, (t) => runRound(t, level, seed));
  }
}

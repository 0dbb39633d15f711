/**
 * A client that does random transactions over lists and rows in groups and writes them down. It ends when it is told to, or
 * when the server has gone. Whether a COMMIT that was sent and not answered has counted, the next life of the server tells:
 * every writing transaction inserts its number into the table `done`.
 */
import pg from 'pg';
import type { TransactionRecord } from '../history-checker.js';
import type { HistoryRecorder, SnapshotTicks, TransactionRecorder } from '../history-recorder.js';
import type { PreparedHistory } from './history-prepared.js';

export const KEYS = 8;
export const GROUPS = 4;
/** Groups of transactions that stay prepared come behind the others. */
export const ALL_GROUPS = 6;
/** Conflicts, deadlocks, two who insert the same key, and locks of prepared transactions that nobody ends for long. */
const EXPECTED = new Set(['40001', '40P01', '23505', '55P03']);
const READS = ['point', 'all', 'range', 'members', 'members', 'locked'] as const;
const WRITES = ['append', 'append', 'replace', 'undo', 'insert', 'insert', 'delete'] as const;

const FIRST_OF_GROUP = 'value = (SELECT min(value) FROM member WHERE grp = $1)';

/** Lists are in two tables. */
const tableOf = (key: number): string => (key % 2 === 0 ? 'even' : 'odd');
export const listOf = (text: string): number[] => (text === '' ? [] : text.split(',').map(Number));
/** The key of a list that holds one value when the transaction has committed. */
export const doneKey = (id: number): string => `done ${id}`;

export async function createHistoryTables(client: pg.Client): Promise<void> {
  for (const name of ['even', 'odd']) await client.query(`CREATE TABLE ${name} (key int PRIMARY KEY, list text)`);
  await client.query('CREATE TABLE member (value int PRIMARY KEY, grp int)');
  await client.query('CREATE INDEX member_grp ON member (grp)');
  await client.query('CREATE TABLE done (id int PRIMARY KEY, value int)');
}

export type Random = (below: number) => number;

/** What the clients of all lives share. */
export interface HistoryRun {
  readonly recorder: HistoryRecorder;
  readonly prepared: PreparedHistory;
  /** Those whose COMMIT was sent and not answered. */
  readonly unknown: Set<TransactionRecord>;
  /** Called when a COMMIT has just been sent. */
  sent(): void;
}

export class HistoryWorker {
  private lost = false;
  private transaction!: TransactionRecorder;

  constructor(
    private readonly client: pg.Client,
    private readonly next: Random,
    private readonly run: HistoryRun,
  ) {
    client.on('error', () => {
      this.lost = true;
    });
  }

  /** @throws errors that the server reports and that are not expected */
  async work(isOver: () => boolean): Promise<void> {
    await this.client.query("SET deadlock_timeout = '20ms'; SET lock_timeout = '150ms'");
    if (this.next(2) === 0) await this.client.query('SET enable_seqscan = off');
    let left: string | null = null;
    for (;;) {
      const before = left;
      left = null;
      try {
        const gid = isOver() ? null : await this.oneTransaction();
        if (before !== null) await this.run.prepared.finish(this.client, before, this.next(4) > 0);
        // Some stay prepared while their client does something else.
        if (gid !== null && this.next(2) === 0) left = gid;
        else if (gid !== null) await this.run.prepared.finish(this.client, gid, this.next(4) > 0);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError) || this.lost) return;
        throw error;
      }
      if (left === null && isOver()) return;
    }
  }

  /** Prepares a transaction that stays. It changes rows of a group that others only read, and a list that others want. */
  async leavePrepared(group: number): Promise<void> {
    const values: number[] = [];
    await this.attempt(false, async () => {
      for (let i = 0; i < 3; i++) values.push(await this.insert(group));
      await this.noteDone();
      await this.commit(this.transaction.record);
      return null;
    });
    let gid: string | null = null;
    // Others may be in the way, e.g. one that has stayed prepared since the last life of the server.
    for (let attempts = 0; gid === null && attempts < 60; attempts++) {
      gid = await this.attempt(false, async () => {
        for (const value of values) await this.delete('value = $1', value);
        await this.append(group % KEYS);
        await this.insert(group);
        await this.noteDone();
        return this.run.prepared.prepare(this.client, this.transaction.record);
      });
    }
  }

  /** Returns the name under which it was prepared, if it was. @throws a lost connection too */
  private oneTransaction(): Promise<string | null> {
    const isReadOnly = this.next(6) === 0;
    return this.attempt(isReadOnly, async () => {
      for (let operations = 1 + this.next(4); operations > 0; operations--) await this.operation(isReadOnly);
      if (this.next(12) === 0) {
        await this.client.query('ROLLBACK');
        return null;
      }
      const { record } = this.transaction;
      const hasWritten = this.transaction.savepoint() > 0;
      if (hasWritten) await this.noteDone();
      if (hasWritten && this.next(6) === 0) return this.run.prepared.prepare(this.client, record);
      await this.commit(record);
      return null;
    });
  }

  /** A transaction that `work` ends. Null when it was rolled back because of what is to be expected. */
  private async attempt(isReadOnly: boolean, work: () => Promise<string | null>): Promise<string | null> {
    this.transaction = this.run.recorder.begin();
    const { record } = this.transaction;
    try {
      await this.client.query(`BEGIN ISOLATION LEVEL ${this.run.recorder.level}${isReadOnly ? ' READ ONLY' : ''}`);
      return await work();
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || this.lost) {
        record.cutOff = true;
        throw error;
      }
      this.run.unknown.delete(record);
      record.outcome = 'aborted';
      if (!EXPECTED.has(error.code ?? '')) throw error;
      await this.client.query('ROLLBACK');
      return null;
    }
  }

  private async noteDone(): Promise<void> {
    const { id } = this.transaction.record;
    await this.client.query('INSERT INTO done VALUES ($1, $2)', [id, this.transaction.appends(doneKey(id))]);
  }

  private async commit(record: TransactionRecord): Promise<void> {
    record.outcome = 'unknown';
    this.run.unknown.add(record);
    const answer = this.client.query('COMMIT');
    this.run.sent();
    await answer;
    this.run.unknown.delete(record);
    this.run.recorder.end(record, 'committed');
  }

  private async operation(isReadOnly: boolean): Promise<void> {
    const kinds = isReadOnly ? READS.slice(0, -1) : [...READS, ...WRITES];
    const key = this.next(KEYS);
    const group = this.next(GROUPS);
    switch (kinds[this.next(kinds.length)]) {
      case 'append':
        return this.append(key);
      case 'replace':
        return this.replace(key);
      case 'undo':
        return this.undo(key, group);
      case 'insert':
        await this.insert(group);
        return;
      case 'delete':
        return this.delete(FIRST_OF_GROUP, group);
      case 'members':
        return this.readMembers(group, group + 1 + this.next(3));
      case 'locked':
        return this.readLocked(key);
      case 'all':
        return this.read('SELECT key, list FROM even UNION ALL SELECT key, list FROM odd', 0, KEYS, 1);
      case 'range':
        return this.read(
          `SELECT key, list FROM ${tableOf(key)} WHERE key >= ${key} AND key < ${key + 5} ORDER BY key`,
          key,
          Math.min(key + 5, KEYS),
          2,
        );
      default:
        return this.read(`SELECT key, list FROM ${tableOf(key)} WHERE key = ${key}`, key, key + 1, 1);
    }
  }

  /** Runs a statement, and tells between which ticks its snapshot was taken. */
  private async query<Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<{ rows: Row[]; ticks: SnapshotTicks }> {
    const begun = this.run.recorder.tick();
    const { rows } = await this.client.query<Row>(sql, [...values]);
    return { rows, ticks: this.transaction.snapshotOf(begun) };
  }

  /** What UPDATE returns is the newest version, with the value behind it. */
  private async append(key: number): Promise<void> {
    const value = this.transaction.appends(String(key));
    const update = `UPDATE ${tableOf(key)} SET list = list || ',' || $2::text WHERE key = $1 RETURNING list`;
    const { rows, ticks } = await this.query<{ list: string }>(update, [key, value]);
    if (rows.length === 0) await this.insertList(key, String(value));
    for (const { list } of rows) this.transaction.hasRead(new Map([[String(key), listOf(list)]]), ticks);
  }

  /** An append by another row. */
  private async replace(key: number): Promise<void> {
    const remove = `DELETE FROM ${tableOf(key)} WHERE key = $1 RETURNING list`;
    const { rows, ticks } = await this.query<{ list: string }>(remove, [key]);
    for (const { list } of rows) this.transaction.hasRead(new Map([[String(key), listOf(list)]]), ticks);
    await this.insertList(key, [...rows.map(({ list }) => list), this.transaction.appends(String(key))].join(','));
  }

  /** When somebody else has done so, it fails. */
  private async insertList(key: number, list: string): Promise<void> {
    await this.client.query(`INSERT INTO ${tableOf(key)} VALUES ($1, $2)`, [key, list]);
  }

  private async undo(key: number, group: number): Promise<void> {
    const savepoint = this.transaction.savepoint();
    await this.client.query('SAVEPOINT s');
    if (this.next(2) === 0) await this.append(key);
    else await this.replace(key);
    await this.delete(FIRST_OF_GROUP, group);
    if (this.next(2) === 0) await this.readMembers(group, group + 1);
    await this.client.query('ROLLBACK TO s');
    this.transaction.hasRolledBackTo(savepoint);
  }

  private async insert(group: number): Promise<number> {
    const value = this.transaction.inserts(group);
    await this.client.query('INSERT INTO member VALUES ($1, $2)', [value, group]);
    return value;
  }

  private async delete(condition: string, parameter: number): Promise<void> {
    const sql = `DELETE FROM member WHERE ${condition} RETURNING value`;
    const { rows } = await this.query<{ value: number }>(sql, [parameter]);
    for (const { value } of rows) this.transaction.hasDeleted(value);
  }

  /** The query gives those of the keys from `low` in steps up to `high` that are there. */
  private async read(sql: string, low: number, high: number, by: number): Promise<void> {
    const { rows, ticks } = await this.query<{ key: number; list: string }>(sql);
    const found = new Map(rows.map(({ key, list }) => [key, listOf(list)]));
    const lists = new Map<string, number[]>();
    for (let key = low; key < high; key += by) lists.set(String(key), found.get(key) ?? []);
    this.transaction.hasRead(lists, ticks);
  }

  /** At READ COMMITTED this is the newest version, and nothing when the row was replaced meanwhile: no read of the list then. */
  private async readLocked(key: number): Promise<void> {
    const sql = `SELECT list FROM ${tableOf(key)} WHERE key = $1 FOR ${this.next(2) === 0 ? 'UPDATE' : 'SHARE'}`;
    const { rows, ticks } = await this.query<{ list: string }>(sql, [key]);
    for (const { list } of rows) this.transaction.hasRead(new Map([[String(key), listOf(list)]]), ticks);
  }

  private async readMembers(low: number, high: number): Promise<void> {
    const range = 'FROM member WHERE grp >= $1 AND grp < $2';
    const isCounted = this.next(2) === 0;
    const count = isCounted ? await this.query<{ n: number }>(`SELECT count(*)::int AS n ${range}`, [low, high]) : null;
    const { rows, ticks } = await this.query<{ n: number; seen: string }>(
      `SELECT count(*)::int AS n, coalesce(string_agg(value::text, ','), '') AS seen ${range}`,
      [low, high],
    );
    const values = listOf(rows[0].seen);
    if (rows[0].n !== values.length) throw new Error(`count(*) ${rows[0].n} of ${values.length} rows`);
    this.transaction.hasReadMembers(low, high, values, ticks);
    if (count !== null) this.transaction.hasCounted(count.rows[0].n, values.length);
  }
}

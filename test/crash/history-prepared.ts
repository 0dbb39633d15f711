/**
 * The prepared transactions of a history across kills: one whose PREPARE was answered must be there after the restart
 * until somebody has sent its end; one whose end was sent and not answered is there or has ended that way.
 */
import type pg from 'pg';
import type { TransactionRecord } from '../history-checker.js';
import type { HistoryRecorder } from '../history-recorder.js';

type State = 'preparing' | 'prepared' | 'committing' | 'rolling back';

interface Entry {
  readonly record: TransactionRecord;
  state: State;
}

export class PreparedHistory {
  private readonly entries = new Map<string, Entry>();
  readonly counts = { prepared: 0, acrossKill: 0 };

  constructor(
    private readonly recorder: HistoryRecorder,
    /** Called when COMMIT PREPARED or PREPARE TRANSACTION has just been sent. */
    private readonly sent: () => void,
  ) {}

  /** How many COMMIT PREPARED are not answered. */
  get committing(): number {
    return [...this.entries.values()].filter(({ state }) => state === 'committing').length;
  }

  /** Returns the name. @throws what the server says; the transaction is aborted then */
  async prepare(client: pg.Client, record: TransactionRecord): Promise<string> {
    const gid = `history ${record.id}`;
    const entry: Entry = { record, state: 'preparing' };
    record.outcome = 'unknown';
    this.entries.set(gid, entry);
    try {
      const answer = client.query(`PREPARE TRANSACTION '${gid}'`);
      this.sent();
      await answer;
    } catch (error) {
      // Without a code it is the connection that was lost.
      if (error instanceof Error && 'code' in error && error.code === '40001') this.entries.delete(gid);
      throw error;
    }
    entry.state = 'prepared';
    this.counts.prepared++;
    return gid;
  }

  async finish(client: pg.Client, gid: string, commit: boolean): Promise<void> {
    const entry = this.entries.get(gid);
    if (entry === undefined) throw new Error(`${gid} is not prepared`);
    entry.state = commit ? 'committing' : 'rolling back';
    const answer = client.query(`${commit ? 'COMMIT' : 'ROLLBACK'} PREPARED '${gid}'`);
    this.sent();
    await answer;
    this.settle(gid, entry, commit);
  }

  private settle(gid: string, { record }: Entry, commit: boolean): void {
    this.entries.delete(gid);
    this.recorder.end(record, commit ? 'committed' : 'aborted');
  }

  /**
   * After a restart, before other clients: learns what is still prepared. Returns the names of those, to be finished.
   * @throws when one is lost, or there though nobody prepared it
   */
  async recover(client: pg.Client): Promise<string[]> {
    const { rows } = await client.query<{ gid: string }>('SELECT gid FROM pg_prepared_xacts');
    const there = new Set(rows.map(({ gid }) => gid));
    for (const gid of there) {
      if (!this.entries.has(gid)) throw new Error(`${gid} is prepared, after its end`);
    }
    for (const [gid, entry] of this.entries) {
      if (there.has(gid)) entry.state = 'prepared';
      else if (entry.state === 'prepared') throw new Error(`${gid} was prepared and is lost`);
      else this.settle(gid, entry, entry.state === 'committing');
    }
    this.counts.acrossKill += there.size;
    return [...there];
  }
}

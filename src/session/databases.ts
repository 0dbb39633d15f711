/**
 * Which databases are in memory. A database is loaded for its first session, and leaves memory some time after its last
 * one. Whoever needs a database for itself (to drop or copy it) reserves it; sessions that come meanwhile wait.
 */
import { runTask } from '../util/task.js';
import type { Cluster } from './cluster.js';
import { Database } from './database.js';
import { dropAbandonedSchemas } from './temporary-schema.js';

/** How long a database without sessions stays in memory: milliseconds. */
const KEPT_MS = 20_000;

interface Reservation {
  readonly over: Promise<void>;
  readonly settle: () => void;
  readonly exclusive: boolean;
  count: number;
}

export class Databases {
  private readonly loaded = new Map<number, Database>();
  private readonly loading = new Map<number, Promise<Database>>();
  private readonly reserved = new Map<number, Reservation>();
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private readonly occupations = new Map<number, Promise<void>>();
  /** It stays: clients are expected there. */
  private kept = 0;

  constructor(private readonly cluster: Cluster) {}

  /** Sessions that are in the database, or whose temporary objects are still being dropped there. */
  sessionsIn(database: number): number {
    let count = 0;
    for (const { db } of this.cluster.sessions.values()) if (db.oid === database) count++;
    return count;
  }

  get(database: number): Database | undefined {
    return this.loaded.get(database);
  }

  /** Loads the database for good. */
  async keep(database: number): Promise<void> {
    this.kept = database;
    await this.load(database);
  }

  /** Those that are in memory. */
  all(): Database[] {
    return [...this.loaded.values()];
  }

  /** Does work in a database that no session is in; who wants the database for itself waits for its end. */
  async occupied(database: number, work: () => Promise<void>): Promise<void> {
    if (this.reserved.has(database) || !this.loaded.has(database)) return;
    const over = work().finally(() => {
      this.occupations.delete(database);
      if (this.loaded.has(database)) this.released(database);
    });
    this.occupations.set(database, over);
    await over;
  }

  /** Null when sessions can begin at once; else ask again when the promise has settled. */
  ready(database: number): Promise<unknown> | null {
    const { over } = this.reserved.get(database) ?? {};
    if (over !== undefined) return over;
    return this.loaded.has(database) ? null : this.load(database);
  }

  /** Brings the database into memory, if it is not there, for a while. */
  load(database: number): Promise<Database> {
    const loaded = this.loaded.get(database);
    if (loaded !== undefined) return Promise.resolve(loaded);
    let loading = this.loading.get(database);
    if (loading === undefined) {
      loading = this.start(database).finally(() => this.loading.delete(database));
      this.loading.set(database, loading);
    }
    return loading;
  }

  private async start(database: number): Promise<Database> {
    const catalog = await runTask(this.cluster.catalogs.load(database));
    await runTask(dropAbandonedSchemas(catalog));
    const loaded = new Database(this.cluster, catalog);
    this.loaded.set(database, loaded);
    this.released(database);
    return loaded;
  }

  /** A session has come. */
  entered(database: number): void {
    const timer = this.timers.get(database);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.timers.delete(database);
  }

  /** A session has gone. */
  released(database: number): void {
    if (database === this.kept || this.timers.has(database) || this.sessionsIn(database) > 0) return;
    if (this.occupations.has(database)) return;
    const timer = setTimeout(() => {
      this.timers.delete(database);
      if (this.sessionsIn(database) > 0 || this.reserved.has(database) || this.occupations.has(database)) return;
      this.unload(database);
    }, KEPT_MS);
    this.timers.set(database, timer.unref());
  }

  /**
   * Keeps new sessions from beginning until `end` is called as often. Several may reserve a database together unless one
   * wants it exclusively: then nothing happens, and the promise is of the end of what is in the way.
   */
  reserve(database: number, exclusive: boolean): Promise<void> | null {
    const occupation = this.occupations.get(database);
    if (occupation !== undefined) return occupation;
    const known = this.reserved.get(database);
    if (known !== undefined) {
      if (exclusive || known.exclusive) return known.over;
      known.count++;
      return null;
    }
    let settle = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.reserved.set(database, { over, settle, exclusive, count: 1 });
    return null;
  }

  end(database: number): void {
    const known = this.reserved.get(database);
    if (known === undefined || --known.count > 0) return;
    this.reserved.delete(database);
    known.settle();
    if (this.loaded.has(database)) this.released(database);
  }

  /** REQUIRES: no sessions are in the database. */
  unload(database: number): void {
    this.loaded.delete(database);
    this.cluster.catalogs.unload(database);
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }
}

/** What is counted in the whole server: in each database, and since when. A clean end keeps it, a crash loses it. */
import type { Store } from '../../storage/api.js';
import { StoreActivity } from '../../storage/store-activity.js';
import { currentTimestamp } from '../session-types.js';
import { DatabaseUsage } from './database-usage.js';
import { decodeUsage, encodeUsage } from './usage-record.js';

const META_KEY = 'session.usage';
const NOTHING = Buffer.alloc(0);

export class ServerUsage {
  private readonly databases = new Map<number, DatabaseUsage>();
  private readonly startedAt = currentTimestamp();
  /** The store's counts at their last reset. */
  storeBaseline = new StoreActivity();
  logBaseline = { records: 0, bytes: 0, flushes: 0 };
  private readonly resets = new Map<string, number>();

  /** Takes what the last clean end has kept; it is forgotten there, as after a crash it would not be true. */
  constructor(private readonly store: Store) {
    const kept = store.readMeta(META_KEY);
    if (kept === undefined || kept.length === 0) return;
    for (const [database, usage] of decodeUsage(kept)) this.databases.set(database, usage);
    store.writeMeta(META_KEY, NOTHING);
  }

  of(database: number): DatabaseUsage {
    let usage = this.databases.get(database);
    if (usage === undefined) {
      usage = new DatabaseUsage();
      this.databases.set(database, usage);
    }
    return usage;
  }

  /** Null: nothing has been counted there. */
  find(database: number): DatabaseUsage | null {
    return this.databases.get(database) ?? null;
  }

  /** Since when a group of the server's own counters counts (archiver, bgwriter, …): microseconds since 2000-01-01 UTC. */
  since(group: string): number {
    return this.resets.get(group) ?? this.startedAt;
  }

  /** pg_stat_reset_shared(). */
  reset(group: string, now: number): void {
    this.resets.set(group, now);
    const { activity, logged } = this.store;
    if (group === 'bgwriter') this.storeBaseline = { ...activity };
    if (group === 'wal') this.logBaseline = { ...logged, flushes: activity.logFlushes };
  }

  /** The database is gone. */
  forget(database: number): void {
    this.databases.delete(database);
  }

  /** Keeps everything for the next start. */
  keep(): void {
    this.store.writeMeta(META_KEY, encodeUsage(this.databases));
  }
}

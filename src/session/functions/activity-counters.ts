/**
 * Counters of the whole server below pg_stat_*, most of which are of things that do not exist here. Those of databases, tables and
 * indexes are in usage-functions.ts.
 */
import { sqlError } from '../../errors/sql-error.js';
import {
  type CallContext,
  contextFunctions,
  type FunctionFamily,
  joinFamilies,
  setFunctions,
} from '../../sql/functions/registry.js';
import type { StoreActivity } from '../../storage/store-activity.js';
import { type Datum, PgRecord, type Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { READ_ALL_STATS } from './activity-functions.js';
import { mayActAs } from './privilege-functions.js';
import { sessionOf } from './session-of.js';

const words = (text: string): string[] => text.trim().split(/\s+/);

/** Suffixes of pg_stat_get_… that are always zero: nothing of the kind ever happens here. */
const ZERO = [
  'autovacuum_count',
  ...words(`conflict_tablespace conflict_lock conflict_snapshot conflict_bufferpin conflict_startup_deadlock conflict_all
    temp_files temp_bytes blk_read_time blk_write_time`).map((name) => `db_${name}`),
  ...words('bgwriter_maxwritten_clean buf_written_backend buf_fsync_backend buf_alloc'),
];
/** Nothing of the kind has happened, so there is no time or number. */
const NONE = words(`last_autovacuum_time db_checksum_failures db_checksum_last_failure`);

const constant = (names: readonly string[], value: Datum): FunctionFamily =>
  contextFunctions(Object.fromEntries(names.map((name) => [`pg_stat_get_${name}`, () => value])));

/** OID of the access method btree. */
const BTREE = 403;
/** What building an index is at, from 1. */
const BTREE_PHASES = [
  'initializing',
  'scanning table',
  'sorting live tuples',
  'sorting dead tuples',
  'loading tuples in tree',
];
const PROGRESS_COMMANDS = ['VACUUM', 'ANALYZE', 'CLUSTER', 'CREATE INDEX', 'BASEBACKUP', 'COPY'];

const known = contextFunctions({
  pg_stat_get_db_numbackends: (cx, database: number) => sessionOf(cx).sessionsIn(database),
  pg_stat_get_bgwriter_stat_reset_time: (cx) => sessionOf(cx).serverUsage.since('bgwriter'),
  pg_indexam_progress_phasename: (_cx, method: number, phase: number) =>
    method === BTREE ? (BTREE_PHASES[phase - 1] ?? null) : null,
  pg_stat_get_snapshot_timestamp: () => null,
  pg_stat_get_wal_receiver: () => null,
  pg_stat_get_replication_slot: (_cx, name: string) =>
    new PgRecord(
      oid.RECORD,
      [oid.TEXT, ...new Array<number>(8).fill(oid.INT8), oid.TIMESTAMPTZ],
      [name, ...new Array<Datum>(8).fill(0), null],
    ),
  pg_stat_get_subscription_stats: (_cx, subscription: number) =>
    new PgRecord(oid.RECORD, [oid.OID, oid.INT8, oid.INT8, oid.TIMESTAMPTZ], [subscription, 0, 0, null]),
});

/** PostgreSQL's caches of small pages, by the names that pg_stat_slru gives them. */
const SLRU_CACHES = words('CommitTs MultiXactMember MultiXactOffset Notify Serial Subtrans Xact other');

/** A numeric datum comes from the codec, which owns its form. */
function numeric(cx: CallContext, value: number): Datum {
  const { types } = sessionOf(cx);
  return types.codec(oid.NUMERIC).parse(String(value), types, -1);
}

/** What the store has done since the last reset. */
const STORE: Readonly<Record<string, (done: StoreActivity) => number>> = {
  bgwriter_timed_checkpoints: ({ timedCheckpoints }) => timedCheckpoints,
  bgwriter_requested_checkpoints: ({ requestedCheckpoints }) => requestedCheckpoints,
  bgwriter_buf_written_checkpoints: ({ checkpointPages }) => checkpointPages,
  bgwriter_buf_written_clean: ({ pages, checkpointPages }) => pages - checkpointPages,
  checkpoint_write_time: ({ checkpointWriteTime }) => checkpointWriteTime,
  checkpoint_sync_time: ({ checkpointSyncTime }) => checkpointSyncTime,
};

const storeCounts = contextFunctions(
  Object.fromEntries(
    Object.entries(STORE).map(([name, read]) => [
      `pg_stat_get_${name}`,
      (cx: CallContext) => {
        const { serverUsage, store } = sessionOf(cx);
        return read(store.activity) - read(serverUsage.storeBaseline);
      },
    ]),
  ),
);

const records = contextFunctions({
  pg_stat_get_archiver: (cx) =>
    new PgRecord(
      oid.RECORD,
      [oid.INT8, oid.TEXT, oid.TIMESTAMPTZ, oid.INT8, oid.TEXT, oid.TIMESTAMPTZ, oid.TIMESTAMPTZ],
      [0, null, null, 0, null, null, sessionOf(cx).serverUsage.since('archiver')],
    ),
  // Each write of the log is synced; its time is not taken, as with track_wal_io_timing = off.
  pg_stat_get_wal: (cx) => {
    const { store, serverUsage } = sessionOf(cx);
    const { logBaseline } = serverUsage;
    const flushes = store.activity.logFlushes - logBaseline.flushes;
    return new PgRecord(
      oid.RECORD,
      [oid.INT8, oid.INT8, oid.NUMERIC, oid.INT8, oid.INT8, oid.INT8, oid.FLOAT8, oid.FLOAT8, oid.TIMESTAMPTZ],
      [
        store.logged.records - logBaseline.records,
        0,
        numeric(cx, store.logged.bytes - logBaseline.bytes),
        0,
        flushes,
        flushes,
        0,
        0,
        serverUsage.since('wal'),
      ],
    );
  },
});

const rows = setFunctions({
  *pg_stat_get_slru(cx): Iterable<Row> {
    for (const name of SLRU_CACHES) yield [name, 0, 0, 0, 0, 0, 0, 0, sessionOf(cx).startTime()];
  },
  *pg_stat_get_recovery_prefetch(cx): Iterable<Row> {
    yield [sessionOf(cx).startTime(), 0, 0, 0, 0, 0, 0, 0, 0, 0];
  },
  *pg_stat_get_backend_idset(cx): Iterable<Datum> {
    yield* sessionOf(cx).sessions.keys();
  },
  *pg_stat_get_progress_info(cx, command: string): Iterable<Row> {
    const own = sessionOf(cx);
    if (!PROGRESS_COMMANDS.includes(command.toUpperCase()))
      throw sqlError('invalid_parameter_value', `invalid command name: "${command}"`);
    for (const [pid, session] of own.sessions) {
      const { progress } = session.environment;
      if (progress?.command !== command.toUpperCase()) continue;
      const seen = mayActAs(cx, READ_ALL_STATS) || mayActAs(cx, session.roleOid);
      yield seen
        ? [pid, session.db.oid, progress.relation, ...progress.values]
        : [pid, session.db.oid, null, ...progress.values.map(() => null)];
    }
  },
  // There are no replicas and subscriptions.
  *pg_stat_get_wal_senders(): Iterable<Row> {},
  *pg_stat_get_subscription(): Iterable<Row> {},
});

export const activityCounters: FunctionFamily = joinFamilies(
  constant(ZERO, 0),
  constant(NONE, null),
  known,
  storeCounts,
  records,
  rows,
);

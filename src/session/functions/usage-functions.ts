/** What has been counted of databases, tables and indexes (src/session/usage/), for pg_stat_* and pg_statio_*; and setting it to zero. */

import type { RelationDesc } from '../../catalog/descriptors.js';
import { sqlError } from '../../errors/sql-error.js';
import type { RelationCounts } from '../../exec/relation-counters.js';
import { type CallContext, contextFunctions, type FunctionFamily, joinFamilies } from '../../sql/functions/registry.js';
import type { Datum } from '../../types/datum.js';
import { DatabaseCounts, type DatabaseUsage } from '../usage/database-usage.js';
import { RelationTotals } from '../usage/relation-totals.js';
import { sessionOf } from './session-of.js';

const NOTHING = new RelationTotals(0);

function usageHere(cx: CallContext): DatabaseUsage {
  return sessionOf(cx).databaseUsage;
}

function totalsOf(cx: CallContext, relation: number): RelationTotals {
  return usageHere(cx).find(relation) ?? NOTHING;
}

/** Undefined for what has no rows of its own. */
function tableOf(cx: CallContext, relation: number): RelationDesc | undefined {
  const found = sessionOf(cx).catalog.relation(relation);
  return found === undefined || found.storage === 0 || found.kind === 'i' ? undefined : found;
}

/** Pages that were looked at: those of a table also by way of its indexes. */
function pagesOf(
  cx: CallContext,
  relation: number,
  countsOf: (relation: number) => RelationCounts,
): { readonly fetched: number; readonly hit: number } {
  const own = countsOf(relation);
  let { blocks, reads } = own;
  for (const { oid } of tableOf(cx, relation)?.indexes ?? []) {
    const { tableBlocks, tableReads } = countsOf(oid);
    blocks += tableBlocks;
    reads += tableReads;
  }
  // What was read ahead, and never looked at, counts too.
  const fetched = Math.max(blocks, reads);
  return { fetched, hit: fetched - reads };
}

type Field = 'scans' | 'returned' | 'fetched' | 'inserted' | 'updated' | 'deleted' | 'hotUpdated';
const FIELDS: Readonly<Record<string, Field>> = {
  numscans: 'scans',
  tuples_returned: 'returned',
  tuples_fetched: 'fetched',
  tuples_inserted: 'inserted',
  tuples_updated: 'updated',
  tuples_deleted: 'deleted',
  tuples_hot_updated: 'hotUpdated',
};

const plainCounts = contextFunctions(
  Object.fromEntries(
    Object.entries(FIELDS).flatMap(([name, field]) => [
      [`pg_stat_get_${name}`, (cx: CallContext, relation: number) => totalsOf(cx, relation)[field]],
      [
        `pg_stat_get_xact_${name}`,
        (cx: CallContext, relation: number) => sessionOf(cx).usage.ofTransaction(relation)[field],
      ],
    ]),
  ),
);

const relations = contextFunctions({
  pg_stat_get_live_tuples: (cx, relation: number) => {
    const table = tableOf(cx, relation);
    return table === undefined ? 0 : sessionOf(cx).rowCount(table);
  },
  pg_stat_get_dead_tuples: (cx, relation: number) => {
    const table = tableOf(cx, relation);
    return table === undefined ? 0 : sessionOf(cx).oldVersions(table);
  },
  pg_stat_get_mod_since_analyze: (cx, relation: number) => totalsOf(cx, relation).changedSinceAnalyze,
  pg_stat_get_ins_since_vacuum: (cx, relation: number) => totalsOf(cx, relation).insertedSinceVacuum,
  pg_stat_get_vacuum_count: (cx, relation: number) => totalsOf(cx, relation).vacuum.count,
  pg_stat_get_analyze_count: (cx, relation: number) => totalsOf(cx, relation).analyze.count,
  pg_stat_get_autoanalyze_count: (cx, relation: number) => totalsOf(cx, relation).autoAnalyze.count,
  pg_stat_get_last_autoanalyze_time: (cx, relation: number) => totalsOf(cx, relation).autoAnalyze.last,
  pg_stat_get_last_vacuum_time: (cx, relation: number) => totalsOf(cx, relation).vacuum.last,
  pg_stat_get_last_analyze_time: (cx, relation: number) => totalsOf(cx, relation).analyze.last,
  pg_stat_get_blocks_fetched: (cx, relation: number) => pagesOf(cx, relation, (oid) => totalsOf(cx, oid)).fetched,
  pg_stat_get_blocks_hit: (cx, relation: number) => pagesOf(cx, relation, (oid) => totalsOf(cx, oid)).hit,
  pg_stat_get_xact_blocks_fetched: (cx, relation: number) => pagesInTransaction(cx, relation).fetched,
  pg_stat_get_xact_blocks_hit: (cx, relation: number) => pagesInTransaction(cx, relation).hit,
});

function pagesInTransaction(cx: CallContext, relation: number): { readonly fetched: number; readonly hit: number } {
  const { usage } = sessionOf(cx);
  return pagesOf(cx, relation, (oid) => usage.ofTransaction(oid));
}

type Reader = (counts: DatabaseCounts) => number;

const DATABASE: Readonly<Record<string, Reader>> = {
  xact_commit: ({ commits }) => commits,
  xact_rollback: ({ rollbacks }) => rollbacks,
  tuples_returned: ({ returned }) => returned,
  tuples_fetched: ({ fetched }) => fetched,
  tuples_inserted: ({ inserted }) => inserted,
  tuples_updated: ({ updated }) => updated,
  tuples_deleted: ({ deleted }) => deleted,
  blocks_fetched: ({ blocks, reads }) => Math.max(blocks, reads),
  blocks_hit: ({ blocks, reads }) => Math.max(0, blocks - reads),
  deadlocks: ({ deadlocks }) => deadlocks,
  active_time: ({ activeTime }) => activeTime,
  idle_in_transaction_time: ({ idleInTransactionTime }) => idleInTransactionTime,
  sessions: ({ sessions }) => sessions,
  sessions_abandoned: ({ abandoned }) => abandoned,
  sessions_fatal: ({ fatal }) => fatal,
  sessions_killed: ({ killed }) => killed,
};

const NO_COUNTS = new DatabaseCounts();

const databaseCounts = contextFunctions(
  Object.fromEntries(
    Object.entries(DATABASE).map(([name, read]) => [
      `pg_stat_get_db_${name}`,
      (cx: CallContext, database: number) => read(sessionOf(cx).serverUsage.find(database)?.counts ?? NO_COUNTS),
    ]),
  ),
);

const databases = contextFunctions({
  // Sessions that still last count, too.
  pg_stat_get_db_session_time: (cx, database: number) => {
    const session = sessionOf(cx);
    let time = session.serverUsage.find(database)?.counts.sessionTime ?? 0;
    for (const other of session.sessions.values())
      if (other.db.oid === database) time += (session.clockTimestamp() - other.startedAt) / 1000;
    return time;
  },
  pg_stat_have_stats: hasStatistics,
  pg_stat_get_db_stat_reset_time: (cx, database: number) => sessionOf(cx).serverUsage.find(database)?.resetAt ?? null,
});

/** Kinds of statistics of which there is one, and of which there are any number. */
const SINGLE_KINDS = ['archiver', 'bgwriter', 'checkpointer', 'slru', 'wal'];
const KINDS = [...SINGLE_KINDS, 'database', 'relation', 'function', 'replslot', 'subscription'];

function hasStatistics(cx: CallContext, kind: string, database: number, object: number): boolean {
  if (!KINDS.includes(kind)) throw sqlError('invalid_parameter_value', `invalid statistics kind: "${kind}"`);
  if (SINGLE_KINDS.includes(kind)) return true;
  const usage = sessionOf(cx).serverUsage.find(database);
  if (kind === 'database') return usage !== null;
  if (kind === 'function') return usage?.functions.has(object) ?? false;
  return kind === 'relation' && usage?.find(object) != null;
}

const functions = contextFunctions(
  Object.fromEntries(
    (['calls', 'total', 'self'] as const).flatMap((field) => {
      const name = field === 'calls' ? field : `${field}_time`;
      return [
        [
          `pg_stat_get_function_${name}`,
          (cx: CallContext, oid: number) => usageHere(cx).functions.get(oid)?.[field] ?? null,
        ],
        [
          `pg_stat_get_xact_function_${name}`,
          (cx: CallContext, oid: number) => sessionOf(cx).usage.functions.find(oid)?.[field] ?? null,
        ],
      ];
    }),
  ),
);

const SHARED = ['archiver', 'bgwriter', 'recovery_prefetch', 'wal'];

function nothing(_cx: CallContext): Datum {
  return '';
}

const resets = contextFunctions({
  pg_stat_reset: (cx) => {
    usageHere(cx).reset(sessionOf(cx).clockTimestamp());
    return '';
  },
  pg_stat_reset_single_table_counters: (cx, relation: number) => {
    const usage = usageHere(cx);
    usage.find(relation)?.reset();
    usage.resetAt = sessionOf(cx).clockTimestamp();
    return '';
  },
  pg_stat_reset_single_function_counters: (cx, oid: number) => {
    const usage = usageHere(cx);
    usage.functions.get(oid)?.clear();
    usage.resetAt = sessionOf(cx).clockTimestamp();
    return '';
  },
  // Nothing is counted of PostgreSQL's caches of small pages.
  pg_stat_reset_slru: nothing,
  pg_stat_reset_shared: (cx, target: string) => {
    if (!SHARED.includes(target))
      throw sqlError('invalid_parameter_value', `unrecognized reset target: "${target}"`, {
        hint: 'Target must be "archiver", "bgwriter", "recovery_prefetch", or "wal".',
      });
    sessionOf(cx).serverUsage.reset(target, sessionOf(cx).clockTimestamp());
    return '';
  },
  pg_stat_reset_replication_slot: (_cx, name: string | null) => {
    if (name === null) return '';
    throw sqlError('invalid_parameter_value', `replication slot "${name}" does not exist`);
  },
  pg_stat_reset_subscription_stats: (_cx, subscription: number | null) => {
    if (subscription === 0) throw sqlError('invalid_parameter_value', 'invalid subscription OID 0');
    return '';
  },
  pg_stat_clear_snapshot: nothing,
  pg_stat_force_next_flush: nothing,
});

export const usageFunctions: FunctionFamily = joinFamilies(
  plainCounts,
  relations,
  databaseCounts,
  databases,
  functions,
  resets,
);

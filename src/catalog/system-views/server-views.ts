/**
 * Views over functions that report the state of the server: settings, locks, sessions, cursors, statistics.
 */
import { catalogView, columnsOf, type SystemView } from './system-view.js';

/** Views that show what a function gives, column by column. */
const OVER_FUNCTIONS: readonly (readonly [view: string, call: string])[] = [
  ['pg_settings', 'pg_show_all_settings()'],
  ['pg_file_settings', 'pg_show_all_file_settings()'],
  ['pg_hba_file_rules', 'pg_hba_file_rules()'],
  ['pg_ident_file_mappings', 'pg_ident_file_mappings()'],
  ['pg_locks', 'pg_lock_status()'],
  ['pg_cursors', 'pg_cursor()'],
  ['pg_prepared_statements', 'pg_prepared_statement()'],
  ['pg_timezone_names', 'pg_timezone_names()'],
  ['pg_timezone_abbrevs', 'pg_timezone_abbrevs()'],
  ['pg_config', 'pg_config()'],
  ['pg_backend_memory_contexts', 'pg_get_backend_memory_contexts()'],
  ['pg_shmem_allocations', 'pg_get_shmem_allocations()'],
  ['pg_stat_wal', 'pg_stat_get_wal()'],
  ['pg_stat_archiver', 'pg_stat_get_archiver()'],
  ['pg_stat_slru', 'pg_stat_get_slru()'],
  ['pg_stat_recovery_prefetch', 'pg_stat_get_recovery_prefetch()'],
];

const NOT_SYSTEM = "WHERE q.schemaname NOT IN ('pg_catalog', 'information_schema') AND q.schemaname !~ '^pg_toast'";
const SYSTEM = "WHERE q.schemaname IN ('pg_catalog', 'information_schema') OR q.schemaname ~ '^pg_toast'";

/** pg_stat_user_tables and pg_stat_sys_tables over pg_stat_all_tables, and the like. */
function userAndSystem(all: string): SystemView[] {
  return [
    catalogView(all.replace('_all_', '_user_'), 'q', `FROM ${all} q ${NOT_SYSTEM}`),
    catalogView(all.replace('_all_', '_sys_'), 'q', `FROM ${all} q ${SYSTEM}`),
  ];
}

const overIndexes = (call: string): string =>
  `(SELECT sum(${call}(i.indexrelid)) FROM pg_index i WHERE i.indrelid = c.oid)`;

const TABLES = `FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 't', 'm', 'p')`;
const INDEXES = `FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 't', 'm')`;
const TABLE_NAMES = { relid: 'c.oid', schemaname: 'n.nspname', relname: 'c.relname' };
const INDEX_NAMES = { ...TABLE_NAMES, indexrelid: 'i.oid', indexrelname: 'i.relname' };

const TABLE_STATISTICS = [
  catalogView(
    'pg_stat_xact_all_tables',
    {
      ...TABLE_NAMES,
      seq_scan: 'pg_stat_get_xact_numscans(c.oid)',
      seq_tup_read: 'pg_stat_get_xact_tuples_returned(c.oid)',
      idx_scan: overIndexes('pg_stat_get_xact_numscans'),
      idx_tup_fetch: `${overIndexes('pg_stat_get_xact_tuples_fetched')} + pg_stat_get_xact_tuples_fetched(c.oid)`,
      n_tup_ins: 'pg_stat_get_xact_tuples_inserted(c.oid)',
      n_tup_upd: 'pg_stat_get_xact_tuples_updated(c.oid)',
      n_tup_del: 'pg_stat_get_xact_tuples_deleted(c.oid)',
      n_tup_hot_upd: 'pg_stat_get_xact_tuples_hot_updated(c.oid)',
    },
    TABLES,
  ),
  catalogView(
    'pg_stat_all_tables',
    {
      ...TABLE_NAMES,
      seq_scan: 'pg_stat_get_numscans(c.oid)',
      seq_tup_read: 'pg_stat_get_tuples_returned(c.oid)',
      idx_scan: overIndexes('pg_stat_get_numscans'),
      idx_tup_fetch: `${overIndexes('pg_stat_get_tuples_fetched')} + pg_stat_get_tuples_fetched(c.oid)`,
      n_tup_ins: 'pg_stat_get_tuples_inserted(c.oid)',
      n_tup_upd: 'pg_stat_get_tuples_updated(c.oid)',
      n_tup_del: 'pg_stat_get_tuples_deleted(c.oid)',
      n_tup_hot_upd: 'pg_stat_get_tuples_hot_updated(c.oid)',
      n_live_tup: 'pg_stat_get_live_tuples(c.oid)',
      n_dead_tup: 'pg_stat_get_dead_tuples(c.oid)',
      n_mod_since_analyze: 'pg_stat_get_mod_since_analyze(c.oid)',
      n_ins_since_vacuum: 'pg_stat_get_ins_since_vacuum(c.oid)',
      last_vacuum: 'pg_stat_get_last_vacuum_time(c.oid)',
      last_autovacuum: 'pg_stat_get_last_autovacuum_time(c.oid)',
      last_analyze: 'pg_stat_get_last_analyze_time(c.oid)',
      last_autoanalyze: 'pg_stat_get_last_autoanalyze_time(c.oid)',
      vacuum_count: 'pg_stat_get_vacuum_count(c.oid)',
      autovacuum_count: 'pg_stat_get_autovacuum_count(c.oid)',
      analyze_count: 'pg_stat_get_analyze_count(c.oid)',
      autoanalyze_count: 'pg_stat_get_autoanalyze_count(c.oid)',
    },
    TABLES,
  ),
  catalogView(
    'pg_stat_all_indexes',
    {
      ...INDEX_NAMES,
      idx_scan: 'pg_stat_get_numscans(i.oid)',
      idx_tup_read: 'pg_stat_get_tuples_returned(i.oid)',
      idx_tup_fetch: 'pg_stat_get_tuples_fetched(i.oid)',
    },
    INDEXES,
  ),
  catalogView(
    'pg_statio_all_tables',
    {
      ...TABLE_NAMES,
      heap_blks_read: 'pg_stat_get_blocks_fetched(c.oid) - pg_stat_get_blocks_hit(c.oid)',
      heap_blks_hit: 'pg_stat_get_blocks_hit(c.oid)',
      idx_blks_read: `${overIndexes('pg_stat_get_blocks_fetched')} - ${overIndexes('pg_stat_get_blocks_hit')}`,
      idx_blks_hit: overIndexes('pg_stat_get_blocks_hit'),
    },
    TABLES.replace(", 'p'", ''),
  ),
  catalogView(
    'pg_statio_all_indexes',
    {
      ...INDEX_NAMES,
      idx_blks_read: 'pg_stat_get_blocks_fetched(i.oid) - pg_stat_get_blocks_hit(i.oid)',
      idx_blks_hit: 'pg_stat_get_blocks_hit(i.oid)',
    },
    INDEXES,
  ),
  catalogView(
    'pg_statio_all_sequences',
    {
      ...TABLE_NAMES,
      blks_read: 'pg_stat_get_blocks_fetched(c.oid) - pg_stat_get_blocks_hit(c.oid)',
      blks_hit: 'pg_stat_get_blocks_hit(c.oid)',
    },
    `FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S'`,
  ),
];

const DATABASE_COUNTERS = [
  'numbackends xact_commit xact_rollback tuples_returned:tup_returned tuples_fetched:tup_fetched',
  'tuples_inserted:tup_inserted tuples_updated:tup_updated tuples_deleted:tup_deleted conflict_all:conflicts',
  'temp_files temp_bytes deadlocks checksum_failures checksum_last_failure blk_read_time blk_write_time',
  'session_time active_time idle_in_transaction_time sessions sessions_abandoned sessions_fatal sessions_killed',
  'stat_reset_time:stats_reset blocks_hit:blks_hit',
]
  .join(' ')
  .split(' ')
  .map((pair) => pair.split(':'))
  .map(([name, column = name]) => [column, `pg_stat_get_db_${name}(d.oid)`]);

const ACTIVITY_COLUMNS =
  'datid pid leader_pid usesysid application_name client_addr client_hostname client_port backend_start xact_start query_start state_change wait_event_type wait_event state backend_xid backend_xmin query_id query backend_type';

export const SERVER_VIEWS: readonly SystemView[] = [
  ...OVER_FUNCTIONS.map(([view, call]) => catalogView(view, 'q', `FROM ${call} q`)),
  catalogView(
    'pg_stat_activity',
    {
      ...columnsOf('s', ACTIVITY_COLUMNS),
      datname: 'd.datname',
      usename: 'u.rolname',
    },
    `FROM pg_stat_get_activity(NULL) s LEFT JOIN pg_database d ON d.oid = s.datid
     LEFT JOIN pg_authid u ON u.oid = s.usesysid`,
  ),
  catalogView(
    'pg_stat_ssl',
    {
      pid: 's.pid',
      ssl: 's.ssl',
      version: 's.sslversion',
      cipher: 's.sslcipher',
      bits: 's.sslbits',
      client_dn: 's.ssl_client_dn',
      client_serial: 's.ssl_client_serial',
      issuer_dn: 's.ssl_issuer_dn',
    },
    'FROM pg_stat_get_activity(NULL) s WHERE s.client_port IS NOT NULL',
  ),
  catalogView(
    'pg_stat_gssapi',
    {
      pid: 's.pid',
      gss_authenticated: 's.gss_auth',
      principal: 's.gss_princ',
      encrypted: 's.gss_enc',
    },
    'FROM pg_stat_get_activity(NULL) s WHERE s.client_port IS NOT NULL',
  ),
  catalogView(
    'pg_stat_database_conflicts',
    {
      datid: 'd.oid',
      datname: 'd.datname',
      confl_tablespace: 'pg_stat_get_db_conflict_tablespace(d.oid)',
      confl_lock: 'pg_stat_get_db_conflict_lock(d.oid)',
      confl_snapshot: 'pg_stat_get_db_conflict_snapshot(d.oid)',
      confl_bufferpin: 'pg_stat_get_db_conflict_bufferpin(d.oid)',
      confl_deadlock: 'pg_stat_get_db_conflict_startup_deadlock(d.oid)',
    },
    'FROM pg_database d',
  ),
  catalogView(
    'pg_stat_database',
    {
      datid: 'd.oid',
      datname: 'd.datname',
      ...Object.fromEntries(DATABASE_COUNTERS),
      numbackends: 'CASE WHEN d.oid = 0 THEN 0 ELSE pg_stat_get_db_numbackends(d.oid) END',
      blks_read: 'pg_stat_get_db_blocks_fetched(d.oid) - pg_stat_get_db_blocks_hit(d.oid)',
    },
    'FROM (SELECT 0::oid AS oid, NULL::name AS datname UNION ALL SELECT oid, datname FROM pg_database) d',
  ),
  catalogView(
    'pg_stat_bgwriter',
    {
      checkpoints_timed: 'pg_stat_get_bgwriter_timed_checkpoints()',
      checkpoints_req: 'pg_stat_get_bgwriter_requested_checkpoints()',
      checkpoint_write_time: 'pg_stat_get_checkpoint_write_time()',
      checkpoint_sync_time: 'pg_stat_get_checkpoint_sync_time()',
      buffers_checkpoint: 'pg_stat_get_bgwriter_buf_written_checkpoints()',
      buffers_clean: 'pg_stat_get_bgwriter_buf_written_clean()',
      maxwritten_clean: 'pg_stat_get_bgwriter_maxwritten_clean()',
      buffers_backend: 'pg_stat_get_buf_written_backend()',
      buffers_backend_fsync: 'pg_stat_get_buf_fsync_backend()',
      buffers_alloc: 'pg_stat_get_buf_alloc()',
      stats_reset: 'pg_stat_get_bgwriter_stat_reset_time()',
    },
    '',
  ),
  catalogView(
    'pg_prepared_xacts',
    {
      transaction: 'p.transaction',
      gid: 'p.gid',
      prepared: 'p.prepared',
      owner: 'u.rolname',
      database: 'd.datname',
    },
    `FROM pg_prepared_xact() p LEFT JOIN pg_authid u ON u.oid = p.ownerid
     LEFT JOIN pg_database d ON d.oid = p.dbid`,
  ),
  ...TABLE_STATISTICS,
  ...TABLE_STATISTICS.flatMap((view) => userAndSystem(view.name)),
];

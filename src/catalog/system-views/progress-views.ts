/** Views of how far long commands have come, and of calls of functions: names for the numbers that functions give. */
import { catalogView, type SystemView } from './system-view.js';

/** The name that a number stands for, by position from `first` on. */
function named(expression: string, names: readonly string[], first = 0): string {
  const arms = names.map((name, i) => `WHEN ${first + i} THEN '${name}'`).join(' ');
  return `CASE ${expression} ${arms} END`;
}

function progressView(name: string, command: string, columns: Readonly<Record<string, string>>): SystemView {
  return catalogView(
    `pg_stat_progress_${name}`,
    { pid: 's.pid', datid: 's.datid', datname: 'd.datname', relid: 's.relid', ...columns },
    `FROM pg_stat_get_progress_info('${command}') s LEFT JOIN pg_database d ON d.oid = s.datid`,
  );
}

const INDEX_PHASES = [
  'initializing',
  'waiting for writers before build',
  'building index',
  'waiting for writers before validation',
  'index validation: scanning index',
  'index validation: sorting tuples',
  'index validation: scanning table',
  'waiting for old snapshots',
  'waiting for readers before marking dead',
  'waiting for readers before dropping',
];
const INDEX_COMMANDS = ['CREATE INDEX', 'CREATE INDEX CONCURRENTLY', 'REINDEX', 'REINDEX CONCURRENTLY'];
const ANALYZE_PHASES = [
  'initializing',
  'acquiring sample rows',
  'acquiring inherited sample rows',
  'computing statistics',
  'computing extended statistics',
  'finalizing analyze',
];

function functionsView(name: string, call: string): SystemView {
  return catalogView(
    name,
    {
      funcid: 'p.oid',
      schemaname: 'n.nspname',
      funcname: 'p.proname',
      calls: `${call}_calls(p.oid)`,
      total_time: `${call}_total_time(p.oid)`,
      self_time: `${call}_self_time(p.oid)`,
    },
    `FROM pg_proc p LEFT JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.prolang <> 12 AND ${call}_calls(p.oid) IS NOT NULL`,
  );
}

export const PROGRESS_VIEWS: readonly SystemView[] = [
  progressView('create_index', 'CREATE INDEX', {
    index_relid: 's.param7::oid',
    command: named('s.param1', INDEX_COMMANDS, 1),
    phase: `${named('s.param10', INDEX_PHASES)} || CASE WHEN s.param10 = 2
      THEN coalesce(': ' || pg_indexam_progress_phasename(s.param9::oid, s.param11), '') ELSE '' END`,
    lockers_total: 's.param4',
    lockers_done: 's.param5',
    current_locker_pid: 's.param6',
    blocks_total: 's.param16',
    blocks_done: 's.param17',
    tuples_total: 's.param12',
    tuples_done: 's.param13',
    partitions_total: 's.param14',
    partitions_done: 's.param15',
  }),
  progressView('copy', 'COPY', {
    command: named('s.param5', ['COPY FROM', 'COPY TO'], 1),
    type: named('s.param6', ['FILE', 'PROGRAM', 'PIPE', 'CALLBACK'], 1),
    bytes_processed: 's.param1',
    bytes_total: 's.param2',
    tuples_processed: 's.param3',
    tuples_excluded: 's.param4',
  }),
  progressView('analyze', 'ANALYZE', {
    phase: named('s.param1', ANALYZE_PHASES),
    sample_blks_total: 's.param2',
    sample_blks_scanned: 's.param3',
    ext_stats_total: 's.param4',
    ext_stats_computed: 's.param5',
    child_tables_total: 's.param6',
    child_tables_done: 's.param7',
    current_child_table_relid: 's.param8::oid',
  }),
  functionsView('pg_stat_user_functions', 'pg_stat_get_function'),
  functionsView('pg_stat_xact_user_functions', 'pg_stat_get_xact_function'),
];

/** The views of what ANALYZE has found: each shows only what its reader may see of the table. */
import { catalogView, columnsOf, type SystemView } from './system-view.js';

/** A statistic may be in any of the five slots of pg_statistic. */
function statisticSlot(source: string, kind: number, column: string, subscript = ''): string {
  const arms = [1, 2, 3, 4, 5].map(
    (slot) => `WHEN ${source}.stakind${slot} = ${kind} THEN ${source}.${column}${slot}${subscript}`,
  );
  return `CASE ${arms.join(' ')} END`;
}

/** What pg_stats and pg_stats_ext_exprs show of a row of pg_statistic. */
const figures = (source: string): Record<string, string> => ({
  null_frac: `${source}.stanullfrac`,
  avg_width: `${source}.stawidth`,
  n_distinct: `${source}.stadistinct`,
  most_common_vals: statisticSlot(source, 1, 'stavalues'),
  most_common_freqs: statisticSlot(source, 1, 'stanumbers'),
  histogram_bounds: statisticSlot(source, 2, 'stavalues'),
  correlation: statisticSlot(source, 3, 'stanumbers', '[1]'),
  most_common_elems: statisticSlot(source, 4, 'stavalues'),
  most_common_elem_freqs: statisticSlot(source, 4, 'stanumbers'),
  elem_count_histogram: statisticSlot(source, 5, 'stanumbers'),
});

/** Of pg_statistic_ext `s`, its table `c`, and their schemas. */
const extended: Record<string, string> = {
  schemaname: 'cn.nspname',
  tablename: 'c.relname',
  statistics_schemaname: 'sn.nspname',
  statistics_name: 's.stxname',
  statistics_owner: 'pg_get_userbyid(s.stxowner)',
  inherited: 'sd.stxdinherit',
};
const EXTENDED_FROM = `FROM pg_statistic_ext s JOIN pg_class c ON c.oid = s.stxrelid`;
const EXTENDED_SCHEMAS = `LEFT JOIN pg_namespace cn ON cn.oid = c.relnamespace
     LEFT JOIN pg_namespace sn ON sn.oid = s.stxnamespace`;
const SHOWN = `(c.relrowsecurity = false OR NOT row_security_active(c.oid))`;

export const STATISTICS_VIEWS: readonly SystemView[] = [
  catalogView(
    'pg_stats',
    {
      schemaname: 'n.nspname',
      tablename: 'c.relname',
      attname: 'a.attname',
      inherited: 's.stainherit',
      ...figures('s'),
    },
    `FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = s.staattnum
     LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'select') AND ${SHOWN}`,
  ),
  catalogView(
    'pg_stats_ext',
    {
      ...extended,
      attnames: `(SELECT array_agg(a.attname ORDER BY a.attnum) FROM unnest(s.stxkeys) k(k)
                  JOIN pg_attribute a ON a.attrelid = s.stxrelid AND a.attnum = k.k)`,
      exprs: 'pg_get_statisticsobjdef_expressions(s.oid)',
      kinds: 's.stxkind',
      n_distinct: 'sd.stxdndistinct',
      dependencies: 'sd.stxddependencies',
      ...columnsOf('m', 'most_common_vals most_common_val_nulls most_common_freqs most_common_base_freqs'),
    },
    `${EXTENDED_FROM} JOIN pg_statistic_ext_data sd ON s.oid = sd.stxoid ${EXTENDED_SCHEMAS}
     LEFT JOIN LATERAL (SELECT array_agg(i."values") AS most_common_vals, array_agg(i.nulls) AS most_common_val_nulls,
       array_agg(i.frequency) AS most_common_freqs, array_agg(i.base_frequency) AS most_common_base_freqs
       FROM pg_mcv_list_items(sd.stxdmcv) i) m ON sd.stxdmcv IS NOT NULL
     WHERE pg_has_role(c.relowner, 'USAGE') AND ${SHOWN}`,
  ),
  catalogView(
    'pg_stats_ext_exprs',
    { ...extended, expr: 'stat.expr', ...figures('(stat.a)') },
    `${EXTENDED_FROM} LEFT JOIN pg_statistic_ext_data sd ON s.oid = sd.stxoid ${EXTENDED_SCHEMAS}
     JOIN LATERAL (SELECT unnest(pg_get_statisticsobjdef_expressions(s.oid)) AS expr, unnest(sd.stxdexpr) AS a) stat
       ON stat.expr IS NOT NULL
     WHERE pg_has_role(c.relowner, 'USAGE') AND ${SHOWN}`,
  ),
];

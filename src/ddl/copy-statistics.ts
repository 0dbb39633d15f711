/** Statistics objects of tables that are copied (CREATE TABLE LIKE … INCLUDING STATISTICS) or changed. */
import { setComment } from '../catalog/ddl/comments.js';
import { createStatistics, isStatisticsKind } from '../catalog/ddl/create-statistics.js';
import { address } from '../catalog/ddl/dependencies.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { formatExpressionList, parseExpressionList } from '../catalog/expression-list.js';
import { CLASS } from '../catalog/known-oids.js';
import type { Task } from '../util/task.js';
import { bindStatisticsExpression } from './create-statistics.js';
import type { DdlContext } from './ddl-context.js';
import { chooseStatisticsName } from './object-names.js';

/** Statistics objects of another table, for a table with the same columns. `attribute`: its number by that of the other. */
export function* copyStatistics(
  cx: DdlContext,
  from: RelationDesc,
  to: RelationDesc,
  attribute: (number: number) => number,
  withComments: boolean,
): Task<void> {
  const rows = cx.writer
    .find('pg_statistic_ext_relid_index', [from.oid])
    .sort((a, b) => a.number('oid') - b.number('oid'));
  for (const row of rows) {
    const columns = row.numbers('stxkeys').map(attribute);
    const bound = parseExpressionList(row.textOrNull('stxexprs') ?? '[]').map((text) =>
      bindStatisticsExpression(cx, to, text),
    );
    const names = [...columns.map((number) => to.attributes[number - 1].name), ...bound.map(() => 'expr')];
    const oid = yield* createStatistics(cx.writer, {
      name: chooseStatisticsName(cx, to.name, names, to.namespace),
      namespace: to.namespace,
      owner: cx.role,
      relation: to.oid,
      columns: columns.sort((a, b) => a - b),
      expressions: bound.map(({ text }) => text),
      references: bound.flatMap(({ references }) => references),
      kinds: row.texts('stxkind').flatMap((kind) => (isStatisticsKind(kind) ? [kind] : [])),
      target: row.number('stxstattarget'),
    });
    const comment = withComments
      ? cx.writer.findOne('pg_description_o_c_o_index', [row.number('oid'), row.table.oid, 0])
      : undefined;
    if (comment !== undefined)
      yield* setComment(cx.writer, address('pg_statistic_ext', oid), comment.text('description'));
  }
}

/** After a change of a column's type: expressions are bound anew, and what was found is forgotten. */
export function* rebuildStatistics(cx: DdlContext, relation: RelationDesc, attribute: number): Task<void> {
  for (const use of cx.writer.find('pg_depend_reference_index', [CLASS.pg_class, relation.oid, attribute])) {
    if (use.number('classid') !== CLASS.pg_statistic_ext) continue;
    const oid = use.number('objid');
    const row = cx.writer.findOne('pg_statistic_ext_oid_index', [oid]);
    const list = row?.textOrNull('stxexprs') ?? null;
    if (row !== undefined && list !== null) {
      const texts = parseExpressionList(list).map((text) => bindStatisticsExpression(cx, relation, text).text);
      yield* cx.writer.update(row, { stxexprs: formatExpressionList(texts) });
    }
    yield* cx.writer.deleteAll('pg_statistic_ext_data_stxoid_inh_index', [oid]);
  }
}

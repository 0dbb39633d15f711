/**
 * Renaming with stored texts: expressions and queries that name the object are bound before the change and printed
 * again after it, under the new names.
 */
import type { RangeVar } from '@pgsql/types';
import type { CatalogEntry } from '../catalog/catalog-writer.js';
import { setViewQuery } from '../catalog/ddl/create-view.js';
import type { ObjectAddress } from '../catalog/ddl/dependencies.js';
import { formatExpressionList, parseExpressionList } from '../catalog/expression-list.js';
import { CLASS } from '../catalog/known-oids.js';
import { Scope } from '../sql/binder/scope.js';
import { parseSql } from '../sql/parser/parse.js';
import { makeColumn } from '../sql/plan/column-expr.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';
import { relationNow } from './relation-names.js';
import { type BoundExpression, bindInScope, bindOver, PLACES, storedText, VALUE_NAME } from './stored-expression.js';
import { printQuery, rangesOf } from './stored-query.js';
import { walkSyntax } from './syntax-walk.js';

type Reprint = () => Task<void>;

/** Does `change`; `names`: parts of text that affected expressions hold (the old name). */
export function* withReprint(cx: DdlContext, name: string, change: () => Task<void>): Task<void> {
  const reprints = [...storedExpressions(cx, name), ...domainExpressions(cx, name)];
  yield* change();
  for (const reprint of reprints) yield* reprint();
}

function storedExpressions(cx: DdlContext, name: string): Reprint[] {
  const reprints: Reprint[] = [];
  for (const row of cx.writer.scan('pg_attrdef')) {
    const text = row.text('adbin');
    if (text.includes(name))
      reprints.push(reprintRow(cx, 'pg_attrdef_oid_index', row, 'adbin', row.number('adrelid'), [text]));
  }
  for (const row of cx.writer.scan('pg_constraint')) {
    const text = row.textOrNull('conbin');
    if (text === null || row.number('conrelid') === 0 || !text.includes(name)) continue;
    reprints.push(reprintRow(cx, 'pg_constraint_oid_index', row, 'conbin', row.number('conrelid'), [text]));
  }
  for (const row of cx.writer.scan('pg_statistic_ext')) {
    const list = row.textOrNull('stxexprs');
    if (list?.includes(name) !== true) continue;
    const texts = parseExpressionList(list);
    reprints.push(reprintRow(cx, 'pg_statistic_ext_oid_index', row, 'stxexprs', row.number('stxrelid'), texts));
  }
  for (const row of cx.writer.scan('pg_index')) {
    const predicate = row.textOrNull('indpred');
    const list = row.textOrNull('indexprs');
    const table = row.number('indrelid');
    if (predicate?.includes(name)) {
      reprints.push(reprintRow(cx, 'pg_index_indexrelid_index', row, 'indpred', table, [predicate]));
    }
    if (list?.includes(name)) {
      reprints.push(reprintRow(cx, 'pg_index_indexrelid_index', row, 'indexprs', table, parseExpressionList(list)));
    }
  }
  return reprints;
}

function reprintRow(
  cx: DdlContext,
  index: string,
  row: CatalogEntry,
  column: string,
  table: number,
  texts: readonly string[],
): Reprint {
  const relation = relationNow(cx, table);
  const bound = texts.map((text) => bindOver(cx, relation, text, PLACES.check));
  const key = index === 'pg_index_indexrelid_index' ? row.number('indexrelid') : row.number('oid');
  return function* () {
    const printed = bound.map((expression) => printAgain(cx, table, expression));
    const found = cx.writer.findOne(index, [key]);
    const value = column === 'indexprs' || column === 'stxexprs' ? formatExpressionList(printed) : printed[0];
    if (found !== undefined) yield* cx.writer.update(found, { [column]: value });
  };
}

/** Columns by the names that they have now. */
function printAgain(cx: DdlContext, table: number, { expr, columns }: BoundExpression): string {
  const { attributes } = relationNow(cx, table);
  return storedText(cx, expr, (id) => attributes[columns.findIndex((column) => column.id === id)]?.name);
}

/** Defaults and checks of domains, which can name types and sequences. */
function domainExpressions(cx: DdlContext, name: string): Reprint[] {
  const reprints: Reprint[] = [];
  for (const row of cx.writer.scan('pg_constraint')) {
    const text = row.textOrNull('conbin');
    const domain = row.number('contypid');
    if (text === null || domain === 0 || !text.includes(name)) continue;
    const type = cx.view().type(domain);
    const bind = cx.bindContext(text);
    const scope = new Scope(null);
    const value = makeColumn(bind.newColumn('value'), 'VALUE', {
      type: type?.baseType ?? 0,
      typmod: type?.typmod ?? -1,
      collation: type?.collation ?? 0,
    });
    scope.lookupParameter = (parameter) => (parameter === 'value' ? value : undefined);
    const expr = bindInScope(bind, scope, text, PLACES.check);
    const oid = row.number('oid');
    reprints.push(function* () {
      const found = cx.writer.findOne('pg_constraint_oid_index', [oid]);
      if (found !== undefined) yield* cx.writer.update(found, { conbin: storedText(cx, expr, () => VALUE_NAME) });
    });
  }
  return reprints;
}

/** Stored queries that may name what is changed: `change` edits one table reference of such a query. */
export function* editQueries(
  cx: DdlContext,
  mentions: string,
  change: (range: RangeVar) => void,
  changeSchema?: { readonly from: string; readonly to: string },
): Task<void> {
  for (const row of cx.writer.scan('pg_rewrite')) {
    const view = row.number('ev_class');
    const text = row.text('ev_action');
    if (view < 16384 || !text.includes(mentions)) continue;
    const [statement] = parseSql(text);
    const query = structuredClone(statement.node);
    for (const range of rangesOf(query)) change(range);
    if (changeSchema !== undefined) changeQualifiers(query, changeSchema.from, changeSchema.to);
    if (!('SelectStmt' in query)) continue;
    const bind = cx.bindContext(text);
    bind.keepsCasts = true;
    const printed = printQuery(cx, query.SelectStmt, bind);
    if (printed !== text) yield* setViewQuery(cx.writer, view, printed, referencesOf(cx, row.number('oid')));
  }
}

/** Types and functions under a renamed schema. */
function changeQualifiers(query: object, from: string, to: string): void {
  walkSyntax(query, (_kind, body) => {
    for (const list of ['names' in body ? body.names : null, 'funcname' in body ? body.funcname : null]) {
      if (!Array.isArray(list) || list.length !== 2) continue;
      const first: unknown = list[0]?.String;
      if (typeof first === 'object' && first !== null && 'sval' in first && first.sval === from) first.sval = to;
    }
  });
}

function referencesOf(cx: DdlContext, rule: number): ObjectAddress[] {
  return cx.writer
    .find('pg_depend_depender_index', [CLASS.pg_rewrite, rule])
    .filter((row) => row.text('deptype') === 'n')
    .map((row) => ({
      classId: row.number('refclassid'),
      objectId: row.number('refobjid'),
      subId: row.number('refobjsubid'),
    }));
}

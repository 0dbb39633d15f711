/** CREATE [OR REPLACE] VIEW. */
import type { Node, SelectStmt, ViewStmt } from '@pgsql/types';
import { addColumn } from '../catalog/ddl/alter-relation.js';
import { type ColumnSpec, createRelation } from '../catalog/ddl/create-relation.js';
import { setViewQuery } from '../catalog/ddl/create-view.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import { obstacleToWriting } from '../sql/binder/updatable-view.js';
import { parseSql } from '../sql/parser/parse.js';
import type { Task } from '../util/task.js';
import { requireRelationOwner } from './access.js';
import { resultColumns } from './create-table-as.js';
import type { DdlContext } from './ddl-context.js';
import { type CreationPlace, creationPlace, findRelation, relationNow } from './relation-names.js';
import { storageParameters } from './storage-parameters.js';
import { rangesOf, storedQuery } from './stored-query.js';

export function* createViewStatement(cx: DdlContext, statement: ViewStmt): Task<string> {
  const { query } = statement;
  if (query === undefined || !('SelectStmt' in query)) throw notSupported('a view over something else than SELECT');
  if (query.SelectStmt.intoClause !== undefined) {
    throw sqlError('feature_not_supported', 'views must not contain SELECT INTO');
  }
  const range = statement.view ?? {};
  const place = yield* viewPlace(cx, { ...range, location: undefined }, query);
  const name = range.relname ?? '';
  const planned = yield* cx.plan(query);
  if (planned.relations.some((use) => use.write))
    throw sqlError('feature_not_supported', 'views must not contain data-modifying statements in WITH');
  const columns = resultColumns(cx, planned, nameParts(statement.aliases), 'CREATE VIEW');
  const existing = cx.view().relationByName(name, place.namespace);
  if (existing !== undefined && !statement.replace) {
    throw sqlError('duplicate_table', `relation "${name}" already exists`);
  }
  const { text, references } = storedQuery(cx, query);
  const options = viewOptions(statement);
  if (options.some((option) => option.startsWith('check_option='))) refuseUnchecked(cx, query.SelectStmt);
  const oid =
    existing === undefined
      ? (yield* createRelation(cx.writer, { name, ...place, owner: cx.role, kind: 'v', columns, options })).oid
      : yield* replaceColumns(cx, existing, columns);
  yield* setViewQuery(cx.writer, oid, text, references);
  // What is stored must be readable: binding it once finds out now instead of at the first use.
  const [again] = parseSql(text);
  yield* cx.plan(again.node, text);
  return 'CREATE VIEW';
}

/** @throws SqlError 0A000 */
function refuseUnchecked(cx: DdlContext, select: SelectStmt): void {
  const hint = obstacleToWriting(cx.bindContext(), select);
  if (hint === null) return;
  const message = 'WITH CHECK OPTION is supported only on automatically updatable views';
  throw sqlError('feature_not_supported', message, { hint });
}

/** WITH CHECK OPTION is kept as an option like those of WITH (…). */
function viewOptions({ options, withCheckOption }: ViewStmt): string[] {
  const given = storageParameters(options, 'view');
  if (withCheckOption === 'LOCAL_CHECK_OPTION') return [...given, 'check_option=local'];
  if (withCheckOption === 'CASCADED_CHECK_OPTION') return [...given, 'check_option=cascaded'];
  return given;
}

/** A view over temporary tables is temporary. */
function* viewPlace(cx: DdlContext, range: NonNullable<ViewStmt['view']>, query: Node): Task<CreationPlace> {
  const temporary = rangesOf(query).some((source) => findRelation(cx, source)?.persistence === 't');
  if (!temporary || range.relpersistence === 't') return yield* creationPlace(cx, range);
  if (range.schemaname !== undefined && range.schemaname !== 'pg_temp') {
    throw sqlError('invalid_table_definition', 'cannot create temporary relation in non-temporary schema');
  }
  cx.notice('NOTICE', `view "${range.relname ?? ''}" will be a temporary view`);
  return yield* creationPlace(cx, { ...range, relpersistence: 't' });
}

/** Checks that the old columns stay as they are, and adds new ones. Throws 42P16, 42809. */
function* replaceColumns(cx: DdlContext, view: RelationDesc, columns: readonly ColumnSpec[]): Task<number> {
  if (view.kind !== 'v') throw sqlError('wrong_object_type', `"${view.name}" is not a view`);
  requireRelationOwner(cx, view);
  yield* cx.transaction.lockTable(view.oid, 'AccessExclusiveLock', 'wait');
  const refuse = (message: string, hint?: string): Error => sqlError('invalid_table_definition', message, { hint });
  if (columns.length < view.attributes.length) throw refuse('cannot drop columns from view');
  const bind = cx.bindContext();
  for (const [i, old] of view.attributes.entries()) {
    const column = columns[i];
    if (old.name !== column.name) {
      throw refuse(
        `cannot change name of view column "${old.name}" to "${column.name}"`,
        'Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.',
      );
    }
    if (old.type !== column.type || old.typmod !== column.typmod) {
      throw refuse(
        `cannot change data type of view column "${old.name}" from ${bind.formatType(old.type, old.typmod)} to ${bind.formatType(column.type, column.typmod)}`,
      );
    }
  }
  for (const column of columns.slice(view.attributes.length)) yield* addColumn(cx.writer, view.oid, column);
  return relationNow(cx, view.oid).oid;
}

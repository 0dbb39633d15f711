/** PREPARE, EXECUTE, DEALLOCATE. */
import type { ExecuteStmt, PrepareStmt } from '@pgsql/types';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { compileStandalone } from '../exec/standalone-expression.js';
import { BindContext } from '../sql/binder/bind-context.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import { binders } from '../sql/binder/binders.js';
import { tryCoerce } from '../sql/binder/coercion.js';
import { Scope } from '../sql/binder/scope.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import type { OutputField, PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { analyse } from './analyse.js';
import { fieldsOf } from './message-fields.js';
import { ensurePlanned } from './plan-prepared.js';
import { Portal } from './portal.js';
import { Prepared } from './prepared.js';
import type { RowSink } from './row-sink.js';
import { lockedPlan, runPlanned } from './run-planned.js';
import type { Session } from './session.js';
import { currentTimestamp } from './session-types.js';

export function* runPrepare(session: Session, source: Prepared, statement: PrepareStmt): Task<string> {
  const name = statement.name ?? '';
  if (session.prepared.has(name))
    throw sqlError('duplicate_prepared_statement', `prepared statement "${name}" already exists`);
  if (statement.query === undefined || !isPlannable(statement.query))
    throw notSupported('PREPARE of this kind of statement');
  const cx = new BindContext(session.environment, source.sql);
  const types = (statement.argtypes ?? []).map((node) =>
    'TypeName' in node ? resolveTypeName(cx, node.TypeName).type : 0,
  );
  const prepared = new Prepared(
    name,
    source.sql,
    { node: statement.query, start: 0, text: source.sql },
    types,
    currentTimestamp(),
    true,
  );
  yield* analyse(session, prepared);
  session.prepared.set(name, prepared);
  return 'PREPARE';
}

export function executeFields(session: Session, statement: ExecuteStmt): readonly OutputField[] | null {
  const prepared = session.prepared.get(statement.name ?? '');
  if (prepared === undefined) return null;
  ensurePlanned(session, prepared);
  return fieldsOf(prepared);
}

export function* runExecute(session: Session, outer: Portal, statement: ExecuteStmt, rows: RowSink): Task<string> {
  const prepared = session.prepared.find(statement.name ?? '');
  ensurePlanned(session, prepared);
  const params = bindArguments(session, outer.prepared.sql, prepared, statement);
  const portal = new Portal(session, prepared, params, fieldsOf(prepared), outer.formats);
  try {
    return yield* runPlanned(session, portal, rows);
  } finally {
    portal.close();
  }
}

/**
 * The plan of the statement that EXECUTE names, for those who run it themselves; `text` is that of the EXECUTE.
 * What the plan reads is locked.
 */
export function* planExecute(
  session: Session,
  text: string,
  statement: ExecuteStmt,
): Task<{ planned: PlannedStatement; params: readonly Datum[] }> {
  const prepared = session.prepared.find(statement.name ?? '');
  const plan = (): PlannedStatement => {
    ensurePlanned(session, prepared);
    if (prepared.planned === null) throw notSupported('EXECUTE of this kind of statement here');
    return prepared.planned;
  };
  const planned = yield* lockedPlan(session, plan, (made) => made);
  return { planned, params: bindArguments(session, text, prepared, statement) };
}

function bindArguments(session: Session, text: string, prepared: Prepared, statement: ExecuteStmt): Datum[] {
  const nodes = statement.params ?? [];
  const types = prepared.parameterTypes;
  if (nodes.length !== types.length) {
    throw sqlError('syntax_error', `wrong number of parameters for prepared statement "${prepared.name}"`, {
      detail: `Expected ${types.length} parameters but got ${nodes.length}.`,
    });
  }
  const cx = new BindContext(session.environment, text, [], false);
  return nodes.map((node, i) => {
    const expr = binders.expr(cx, new Scope(null), node);
    const typed = tryCoerce(cx, expr, types[i], -1, 'assignment');
    if (typed === null) {
      throw cx.error(
        'datatype_mismatch',
        `parameter $${i + 1} of type ${cx.formatType(expr.type)} cannot be coerced to the expected type ${cx.formatType(types[i])}`,
        expr.location,
        {
          hint: 'You will need to rewrite or cast the expression.',
        },
      );
    }
    return compileStandalone(session.environment, session.block.ensure(), typed);
  });
}

export function runDeallocate(session: Session, name: string | null): string {
  if (name === null || name === '') {
    session.prepared.dropNamed();
    return 'DEALLOCATE ALL';
  }
  session.prepared.find(name);
  session.prepared.drop(name);
  return 'DEALLOCATE';
}

/**
 * Plans of prepared statements: made when first needed, and again when the catalog or a setting that plans depend on
 * has changed since.
 */
import { sqlError } from '../errors/sql-error.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import type { OutputField } from '../sql/plan/plan-node.js';
import { Prepared } from './prepared.js';
import type { Session } from './session.js';

/** Whether the statement has a plan that neither the catalog nor a setting has outdated. */
export function isCurrent(session: Session, prepared: Prepared): boolean {
  const { planned } = prepared;
  return (
    planned !== null &&
    planned.catalogVersion === session.environment.catalog.version &&
    prepared.settingsVersion === session.settings.version
  );
}

/** Plans the statement, again when catalogs or settings have changed since. */
export function ensurePlanned(session: Session, prepared: Prepared): void {
  const statement = prepared.statement;
  if (statement === null || !isPlannable(statement.node)) return;
  if (isCurrent(session, prepared)) return;
  const before = prepared.planned?.fields ?? null;
  const infer = prepared.hasParameters && (!prepared.fromSql || prepared.declaredTypes.length === 0);
  const declared = prepared.planned === null ? prepared.declaredTypes : prepared.parameterTypes;
  const { environment } = session;
  const planned = prepared.forCursor
    ? environment.planCursor(prepared.sql, statement.node, declared, infer)
    : environment.plan(prepared.sql, statement.node, declared, infer);
  if (prepared.planned !== null && prepared.name !== '' && !sameFields(before, planned.fields)) {
    throw sqlError('feature_not_supported', 'cached plan must not change result type');
  }
  prepared.planned = planned;
  prepared.parameterTypes = planned.parameterTypes;
  prepared.settingsVersion = session.settings.version;
  prepared.idle = null;
}

function sameFields(a: readonly OutputField[] | null, b: readonly OutputField[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((field, i) => field.type === b[i].type && field.name === b[i].name);
}

/** The statement as the query of a cursor, planned: its rows carry what WHERE CURRENT OF needs. */
export function cursorForm(session: Session, prepared: Prepared): Prepared {
  if (prepared.forCursor) return prepared;
  const { sql, statement, parameterTypes, preparedAt, hasParameters } = prepared;
  prepared.asCursor ??= new Prepared('', sql, statement, parameterTypes, preparedAt, false, hasParameters, true);
  ensurePlanned(session, prepared.asCursor);
  return prepared.asCursor;
}

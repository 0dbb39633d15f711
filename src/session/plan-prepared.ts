/**
 * Plans of prepared statements: made when first needed, and again when the catalog or a setting that plans depend on
 * has changed since.
 */
import type { Node } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import type { OutputField, PlanBasis, PlannedStatement } from '../sql/plan/planned-statement.js';
import { Prepared } from './prepared.js';
import type { Session } from './session.js';
import { sampleOf } from './table-statistics.js';

/** Something that keeps a plan. */
export interface PlanHolder {
  readonly planned: PlannedStatement | null;
  settingsVersion: number;
  runs: number;
}

/** Whether the statement has a plan that neither the catalog nor a setting has outdated. */
export function isCurrent(session: Session, prepared: PlanHolder): boolean {
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
  const planned = prepared.planWith?.() ?? planText(session, prepared, statement.node);
  if (prepared.planned !== null && prepared.name !== '' && !sameFields(before, planned.fields)) {
    throw sqlError('feature_not_supported', 'cached plan must not change result type');
  }
  prepared.planned = planned;
  prepared.parameterTypes = planned.parameterTypes;
  prepared.settingsVersion = session.settings.version;
  prepared.idle = null;
}

function planText({ environment }: Session, prepared: Prepared, node: Node): PlannedStatement {
  const infer = prepared.hasParameters && (!prepared.fromSql || prepared.declaredTypes.length === 0);
  const declared = prepared.planned === null ? prepared.declaredTypes : prepared.parameterTypes;
  return prepared.forCursor
    ? environment.planCursor(prepared.sql, node, declared, infer)
    : environment.plan(prepared.sql, node, declared, infer);
}

/** In so many runs of a statement it is looked whether its plan still suits its tables. */
const RUNS_PER_CHECK = 64;
/** Tables of fewer rows may have any plan. */
const LARGE = 1000;

/**
 * To be called for every run. Where the tables have become much larger or smaller than the plan was made for, or where
 * there are rows to try conditions on now and were none, the next run makes a new one.
 */
export function noticeRun(session: Session, prepared: PlanHolder): void {
  const runs = ++prepared.runs;
  // Early and then now and then: after 1, 2, 4, 8, … and every so many runs.
  if ((runs & (runs - 1)) !== 0 && runs % RUNS_PER_CHECK !== 0) return;
  if (prepared.planned?.basis?.some((basis) => isOutgrown(session, basis)) === true) prepared.settingsVersion = -1;
}

function isOutgrown({ environment }: Session, { relation, rows, untried }: PlanBasis): boolean {
  if (relation.storage === 0) return false;
  const now = environment.rowCount(relation);
  if (Math.max(now, rows) < LARGE) return false;
  return now > rows * 2 || now * 2 < rows || (untried && sampleOf(environment, relation).length > 0);
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

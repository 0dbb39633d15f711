/** CREATE TRIGGER and CREATE CONSTRAINT TRIGGER; enabling and disabling of triggers. */
import type { AlterTableCmd, CreateTrigStmt, Node } from '@pgsql/types';
import { createTrigger, findTrigger } from '../catalog/ddl/create-trigger.js';
import { address, type ObjectAddress } from '../catalog/ddl/dependencies.js';
import { TRIGGER_BITS as BITS } from '../catalog/descriptor-builders.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { notSupported, type SqlError, sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import { coerceToBoolean } from '../sql/binder/coercion.js';
import { type TriggerRows, triggerNames, triggerScope } from '../sql/binder/trigger-scope.js';
import { walkExpr } from '../sql/plan/expr-children.js';
import type { Expr } from '../sql/plan/expression.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import * as oids from '../types/oids.js';
import { quoteIdentifier } from '../types/quote-identifier.js';
import type { Task } from '../util/task.js';
import { requireExecutable, requireOnRelation, requireRelationOwner } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { requireFunction } from './definition-list.js';
import { openRelation, positionOf, refuseSystemRelation } from './relation-names.js';
import { attributesRead, bindInScope, referencesOf, storedText } from './stored-expression.js';

/** What a statement asks for, checked. */
interface Request {
  readonly type: number;
  readonly isRow: boolean;
  readonly timing: 'BEFORE' | 'AFTER' | 'INSTEAD OF';
}

const WHEN_PLACE = { clause: 'trigger WHEN conditions', what: 'trigger WHEN condition' };

function invalid(message: string): SqlError {
  return sqlError('invalid_object_definition', message);
}

function unsupported(message: string): SqlError {
  return sqlError('feature_not_supported', message);
}

export function* createTriggerStatement(cx: DdlContext, statement: CreateTrigStmt): Task<string> {
  const range = { ...statement.relation, location: undefined };
  const relation = yield* openRelation(cx, range, 'ShareRowExclusiveLock');
  const request = requestOf(statement);
  checkKind(relation, statement, request);
  refuseSystemRelation(relation);
  if (statement.isconstraint && statement.replace)
    throw unsupported('CREATE OR REPLACE CONSTRAINT TRIGGER is not supported');
  const other =
    statement.constrrel === undefined ? 0 : (yield* openRelation(cx, statement.constrrel, 'AccessShareLock')).oid;
  requireOnRelation(cx, relation, PRIVILEGE.TRIGGER);
  checkForm(statement, request);
  const tables = transitionTables(statement, request, relation);
  const columns = updatedColumns(relation, statement.columns ?? []);
  const condition = whenCondition(cx, relation, statement, request);
  const proc = requireFunction(cx, nameParts(statement.funcname), []);
  requireExecutable(cx, proc.oid);
  if (proc.resultType !== oids.TRIGGER)
    throw invalid(`function ${nameParts(statement.funcname).join('.')} must return type trigger`);
  const name = statement.trigname ?? '';
  const existing = findTrigger(cx.writer, relation.oid, name);
  if (existing !== undefined) {
    const prefix = `trigger "${name}" for relation "${relation.name}"`;
    if (!statement.replace) throw sqlError('duplicate_object', `${prefix} already exists`);
    if (existing.number('tgconstraint') !== 0) throw sqlError('duplicate_object', `${prefix} is a constraint trigger`);
  }
  yield* createTrigger(
    cx.writer,
    {
      name,
      relation: relation.oid,
      namespace: relation.namespace,
      function: proc.oid,
      type: request.type,
      columns,
      args: nameParts(statement.args),
      when: condition?.text ?? null,
      references: condition?.references ?? [],
      oldTable: tables.old,
      newTable: tables.new,
      constraint: statement.isconstraint
        ? { deferrable: statement.deferrable ?? false, deferred: statement.initdeferred ?? false, other }
        : null,
    },
    existing,
  );
  return 'CREATE TRIGGER';
}

function requestOf(statement: CreateTrigStmt): Request {
  const timing = statement.timing ?? 0;
  const isRow = statement.row ?? false;
  const type = timing | (statement.events ?? 0) | (isRow ? BITS.row : 0);
  if ((timing & BITS.before) !== 0) return { type, isRow, timing: 'BEFORE' };
  return { type, isRow, timing: (timing & BITS.insteadOf) !== 0 ? 'INSTEAD OF' : 'AFTER' };
}

const OTHER_KINDS: Readonly<Record<string, string>> = {
  S: 'sequences',
  i: 'indexes',
  I: 'partitioned indexes',
  m: 'materialized views',
  c: 'composite types',
};

/** @throws SqlError 42809 */
function checkKind(relation: RelationDesc, statement: CreateTrigStmt, { isRow, timing, type }: Request): void {
  const refuse = (what: string, detail: string): SqlError =>
    sqlError('wrong_object_type', `"${relation.name}" is a ${what}`, { detail });
  if (relation.kind === 'r') {
    if (timing === 'INSTEAD OF') throw refuse('table', 'Tables cannot have INSTEAD OF triggers.');
  } else if (relation.kind === 'v') {
    if (timing !== 'INSTEAD OF' && isRow) throw refuse('view', 'Views cannot have row-level BEFORE or AFTER triggers.');
    if ((type & BITS.truncate) !== 0) throw refuse('view', 'Views cannot have TRUNCATE triggers.');
    if (statement.isconstraint) throw refuse('view', 'Views cannot have constraint triggers.');
  } else if (relation.kind === 'i') {
    throw sqlError('wrong_object_type', `"${relation.name}" is an index`);
  } else {
    throw sqlError('wrong_object_type', `relation "${relation.name}" cannot have triggers`, {
      detail: `This operation is not supported for ${OTHER_KINDS[relation.kind] ?? 'this kind of relation'}.`,
    });
  }
}

/** @throws SqlError 0A000 */
function checkForm(statement: CreateTrigStmt, { isRow, timing, type }: Request): void {
  if ((type & BITS.truncate) !== 0 && isRow) throw unsupported('TRUNCATE FOR EACH ROW triggers are not supported');
  if (timing !== 'INSTEAD OF') return;
  if (!isRow) throw unsupported('INSTEAD OF triggers must be FOR EACH ROW');
  if (statement.whenClause !== undefined) throw unsupported('INSTEAD OF triggers cannot have WHEN conditions');
  if (statement.columns !== undefined) throw unsupported('INSTEAD OF triggers cannot have column lists');
}

/** The names of REFERENCING. @throws SqlError 42P17, 0A000, 42809 */
function transitionTables(
  statement: CreateTrigStmt,
  { timing, type }: Request,
  relation: RelationDesc,
): { readonly old: string | null; readonly new: string | null } {
  const names: { old: string | null; new: string | null } = { old: null, new: null };
  for (const node of statement.transitionRels ?? []) {
    const { isNew = false, isTable = false, name = '' } = 'TriggerTransition' in node ? node.TriggerTransition : {};
    const side = isNew ? 'new' : 'old';
    const word = isNew ? 'NEW' : 'OLD';
    if (!isTable) {
      throw sqlError('feature_not_supported', 'ROW variable naming in the REFERENCING clause is not supported', {
        hint: 'Use OLD TABLE or NEW TABLE for naming transition tables.',
      });
    }
    if (relation.kind === 'v') {
      throw sqlError('wrong_object_type', `"${relation.name}" is a view`, {
        detail: 'Triggers on views cannot have transition tables.',
      });
    }
    if (timing !== 'AFTER') throw invalid('transition table name can only be specified for an AFTER trigger');
    if ((type & BITS.truncate) !== 0) throw unsupported('TRUNCATE triggers with transition tables are not supported');
    const events = [BITS.insert, BITS.delete, BITS.update].filter((bit) => (type & bit) !== 0);
    if (events.length > 1)
      throw unsupported('transition tables cannot be specified for triggers with more than one event');
    if (statement.columns !== undefined)
      throw unsupported('transition tables cannot be specified for triggers with column lists');
    const fits = type & (isNew ? BITS.insert | BITS.update : BITS.delete | BITS.update);
    if (fits === 0)
      throw invalid(`${word} TABLE can only be specified for ${isNew ? 'an INSERT' : 'a DELETE'} or UPDATE trigger`);
    if (names[side] !== null) throw invalid(`${word} TABLE cannot be specified multiple times`);
    names[side] = name;
  }
  if (names.old !== null || names.new !== null) throw notSupported('a trigger with transition tables');
  if (names.old !== null && names.old === names.new)
    throw invalid('OLD TABLE name and NEW TABLE name cannot be the same');
  return names;
}

/** Attribute numbers of UPDATE OF. @throws SqlError 42703, 42701 */
function updatedColumns(relation: RelationDesc, nodes: readonly Node[]): number[] {
  const numbers: number[] = [];
  for (const name of nameParts(nodes)) {
    const found = relation.attributes.find((attribute) => attribute.name === name && !attribute.dropped);
    if (found === undefined)
      throw sqlError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
    if (numbers.includes(found.number)) throw sqlError('duplicate_column', `column "${name}" specified more than once`);
    numbers.push(found.number);
  }
  return numbers;
}

function whenCondition(
  cx: DdlContext,
  relation: RelationDesc,
  { whenClause }: CreateTrigStmt,
  request: Request,
): { readonly text: string; readonly references: readonly ObjectAddress[] } | null {
  if (whenClause === undefined) return null;
  const bind = cx.bindContext();
  const rows = triggerScope(bind, relation);
  const expr = coerceToBoolean(bind, bindInScope(bind, rows.scope, whenClause, WHEN_PLACE), 'WHEN');
  checkReads(cx, relation, expr, rows, request);
  const names = triggerNames(rows, quoteIdentifier);
  const references = referencesOf(cx, expr, relation.oid, rows.old.columns).concat(
    attributesRead(expr, rows.new.columns).map((number) => address('pg_class', relation.oid, number)),
  );
  return { text: storedText(cx, expr, (id) => names.get(id), true), references };
}

/** @throws SqlError 42P17 */
function checkReads(
  cx: DdlContext,
  relation: RelationDesc,
  expr: Expr,
  rows: TriggerRows,
  { isRow, timing, type }: Request,
): void {
  const old = new Set([rows.old.whole, ...rows.old.columns].map((column) => column.id));
  const whole = rows.new.whole.id;
  const fresh = new Map(rows.new.columns.map((column, i) => [column.id, relation.attributes[i]]));
  walkExpr(expr, (part) => {
    if (part.kind !== 'column') return;
    const refuse = (message: string): Error => invalid(message).at(positionOf(cx, part.location));
    if (!isRow) throw refuse("statement trigger's WHEN condition cannot reference column values");
    if (old.has(part.id) && (type & BITS.insert) !== 0)
      throw refuse("INSERT trigger's WHEN condition cannot reference OLD values");
    const attribute = fresh.get(part.id);
    if (attribute === undefined && part.id !== whole) return;
    if ((type & BITS.delete) !== 0) throw refuse("DELETE trigger's WHEN condition cannot reference NEW values");
    if (
      timing === 'BEFORE' &&
      (attribute === undefined
        ? relation.attributes.some((other) => other.generated !== '')
        : attribute.generated !== '')
    )
      throw generatedRead(attribute?.name).at(positionOf(cx, part.location));
  });
}

function generatedRead(name: string | undefined): SqlError {
  return sqlError(
    'invalid_object_definition',
    "BEFORE trigger's WHEN condition cannot reference NEW generated columns",
    {
      detail:
        name === undefined
          ? 'A whole-row reference is used and the table contains generated columns.'
          : `Column "${name}" is a generated column.`,
    },
  );
}

const STATES: Partial<Record<string, string>> = {
  AT_EnableTrig: 'O',
  AT_EnableAlwaysTrig: 'A',
  AT_EnableReplicaTrig: 'R',
  AT_DisableTrig: 'D',
  AT_EnableTrigAll: 'O',
  AT_DisableTrigAll: 'D',
  AT_EnableTrigUser: 'O',
  AT_DisableTrigUser: 'D',
};

/** ALTER TABLE … ENABLE and DISABLE TRIGGER. Foreign keys are checked all the same. @throws SqlError 42704 */
export function* switchTriggers(cx: DdlContext, relation: RelationDesc, command: AlterTableCmd): Task<void> {
  requireRelationOwner(cx, relation);
  const state = STATES[command.subtype ?? ''] ?? 'O';
  const chosen =
    command.name === undefined
      ? relation.triggers
      : relation.triggers.filter((trigger) => trigger.name === command.name);
  if (command.name !== undefined && chosen.length === 0)
    throw sqlError('undefined_object', `trigger "${command.name}" for table "${relation.name}" does not exist`);
  for (const trigger of chosen) {
    const row = findTrigger(cx.writer, relation.oid, trigger.name);
    if (row !== undefined && row.text('tgenabled') !== state) yield* cx.writer.update(row, { tgenabled: state });
  }
}

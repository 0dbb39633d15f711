/** CREATE DOMAIN and ALTER DOMAIN. Changes that stored values could contradict are checked against them. */
import type { AlterDomainStmt, Constraint, CreateDomainStmt, Node } from '@pgsql/types';
import { createConstraint } from '../catalog/ddl/create-constraint.js';
import { createDomain } from '../catalog/ddl/create-type.js';
import { address } from '../catalog/ddl/dependencies.js';
import type { RelationDesc, TypeDesc } from '../catalog/descriptors.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { tableFields } from '../exec/constraint-errors.js';
import { Compiler } from '../exec/expression/compile.js';
import { nameParts } from '../sql/binder/ast.js';
import { coerce, coerceToBoolean } from '../sql/binder/coercion.js';
import { Scope } from '../sql/binder/scope.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import { makeColumn } from '../sql/plan/column-expr.js';
import type { ColumnExpr, Expr } from '../sql/plan/expression.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { requireTypeOwner, requireTypeUsage } from './access.js';
import { typeCollation } from './column-definition.js';
import { typePlace } from './create-type.js';
import type { DdlContext } from './ddl-context.js';
import { dropAll } from './drop.js';
import { evaluationContext } from './evaluation.js';
import { chooseConstraintName } from './object-names.js';
import { relationNow } from './relation-names.js';
import { skipMissing } from './skipping.js';
import { bindInScope, PLACES, referencesOf, storedText, VALUE_NAME } from './stored-expression.js';
import { typeByParts } from './type-names.js';

export function* createDomainStatement(cx: DdlContext, statement: CreateDomainStmt): Task<string> {
  const { namespace, name } = yield* typePlace(cx, statement.domainname);
  if (statement.typeName === undefined) throw sqlError('syntax_error', 'a domain needs a type');
  const base = resolveTypeName(cx.bindContext(), statement.typeName);
  const kind = cx.view().type(base.type)?.kind;
  if (kind === 'p') {
    const shown = cx.bindContext().formatType(base.type);
    throw sqlError('datatype_mismatch', `"${shown}" is not a valid base type for a domain`);
  }
  requireTypeUsage(cx, base.type);
  const constraints = (statement.constraints ?? []).flatMap((node) => ('Constraint' in node ? [node.Constraint] : []));
  const clause = statement.collClause;
  const collation =
    clause === undefined ? undefined : typeCollation(cx, nameParts(clause.collname), undefined, base.type);
  const oid = yield* createDomain(cx.writer, {
    name,
    namespace,
    owner: cx.role,
    base: base.type,
    typmod: base.typmod,
    collation,
    notNull: isNotNull(name, constraints),
    defaultText: defaultOf(cx, constraints, base.type, base.typmod),
    dimensions: statement.typeName.arrayBounds?.length ?? 0,
  });
  for (const constraint of constraints) {
    if (constraint.contype === 'CONSTR_CHECK') yield* addCheck(cx, oid, constraint);
  }
  return 'CREATE DOMAIN';
}

function isNotNull(name: string, constraints: readonly Constraint[]): boolean {
  const notNull = constraints.some(({ contype }) => contype === 'CONSTR_NOTNULL');
  if (notNull && constraints.some(({ contype }) => contype === 'CONSTR_NULL')) {
    throw sqlError('syntax_error', 'conflicting NULL/NOT NULL constraints');
  }
  for (const { contype } of constraints) {
    if (contype === 'CONSTR_UNIQUE') throw sqlError('syntax_error', 'unique constraints not possible for domains');
    if (contype === 'CONSTR_PRIMARY')
      throw sqlError('syntax_error', 'primary key constraints not possible for domains');
    if (contype === 'CONSTR_FOREIGN')
      throw sqlError('syntax_error', 'foreign key constraints not possible for domains');
    if (contype === 'CONSTR_EXCLUSION')
      throw sqlError('syntax_error', `exclusion constraints not possible for domains`);
  }
  return notNull && name !== '';
}

function defaultOf(
  cx: DdlContext,
  constraints: readonly Constraint[],
  type: number,
  typmod: number,
): string | undefined {
  const given = constraints.filter(({ contype }) => contype === 'CONSTR_DEFAULT');
  if (given.length > 1) throw sqlError('syntax_error', 'multiple default expressions');
  const node = given[0]?.raw_expr;
  return node === undefined ? undefined : defaultText(cx, node, type, typmod);
}

function defaultText(cx: DdlContext, node: Node, type: number, typmod: number): string {
  const bind = cx.bindContext();
  const expr = bindInScope(bind, new Scope(null), node, PLACES.default);
  return storedText(cx, coerce(bind, expr, type, typmod, 'assignment'));
}

/** Binds a CHECK over VALUE. */
function bindCheck(cx: DdlContext, domain: TypeDesc, source: Node | string): { expr: Expr; value: ColumnExpr } {
  const bind = cx.bindContext(typeof source === 'string' ? source : undefined);
  const value = makeColumn(bind.newColumn('value'), 'value', {
    type: domain.baseType,
    typmod: domain.typmod,
    collation: domain.collation,
  });
  const scope = new Scope(null);
  scope.lookupParameter = (name) => (name === 'value' ? value : undefined);
  return { expr: coerceToBoolean(bind, bindInScope(bind, scope, source, PLACES.check), 'CHECK'), value };
}

function* addCheck(cx: DdlContext, oid: number, constraint: Constraint): Task<void> {
  const domain = cx.view().type(oid);
  if (domain === undefined || constraint.raw_expr === undefined) throw notSupported('this constraint of a domain');
  const { expr, value } = bindCheck(cx, domain, constraint.raw_expr);
  const name = constraint.conname ?? chooseConstraintName(cx, domain.name, null, 'check', domain.namespace);
  if (!constraint.skip_validation) yield* checkStored(cx, oid, expr, value);
  yield* createConstraint(cx.writer, {
    name,
    namespace: domain.namespace,
    kind: 'c',
    relation: 0,
    domain: oid,
    validated: !constraint.skip_validation,
    check: storedText(cx, expr, () => VALUE_NAME),
    references: referencesOf(cx, expr, 0, []),
  });
}

/** Columns of tables with the domain. */
function usesOf(cx: DdlContext, domain: number): { relation: RelationDesc; attribute: number }[] {
  return cx.writer
    .find('pg_depend_reference_index', [1247, domain])
    .filter((row) => row.number('classid') === 1259 && row.number('objsubid') > 0)
    .map((row) => ({ relation: relationNow(cx, row.number('objid')), attribute: row.number('objsubid') }))
    .filter(({ relation }) => relation.kind === 'r' || relation.kind === 'm');
}

function* forStored(
  cx: DdlContext,
  domain: number,
  visit: (value: Datum, relation: RelationDesc, column: string) => void,
): Task<void> {
  for (const { relation, attribute } of usesOf(cx, domain)) {
    yield* cx.transaction.lockTable(relation.oid, 'ShareLock', 'wait');
    const scan = evaluationContext(cx).heap(relation).scan(cx.transaction.latest());
    try {
      for (let page = yield* scan.next(); page !== null; page = yield* scan.next()) {
        for (let i = 0; i < page.length; i++) {
          visit(page.rows[i][attribute - 1], relation, relation.attributes[attribute - 1].name);
        }
      }
    } finally {
      scan.close();
    }
  }
}

function* checkStored(cx: DdlContext, domain: number, expr: Expr, value: ColumnExpr): Task<void> {
  const test = new Compiler(evaluationContext(cx), [value.id]).compile(expr);
  yield* forStored(cx, domain, (datum, relation, column) => {
    if (test([datum]) !== false) return;
    throw sqlError(
      'check_violation',
      `column "${column}" of table "${relation.name}" contains values that violate the new constraint`,
      { ...tableFields(cx.exec, relation), column },
    );
  });
}

export function* alterDomainStatement(cx: DdlContext, statement: AlterDomainStmt): Task<string> {
  const parts = nameParts(statement.typeName);
  const domain = typeByParts(cx, parts);
  requireTypeOwner(cx, domain);
  if (domain.kind !== 'd')
    throw sqlError('wrong_object_type', `${cx.bindContext().formatType(domain.oid)} is not a domain`);
  const row = cx.writer.findOne('pg_type_oid_index', [domain.oid]);
  if (row === undefined) throw new Error(`type ${domain.oid} does not exist`);
  const { def } = statement;
  switch (statement.subtype) {
    case 'T':
      yield* cx.writer.update(row, {
        typdefault: def === undefined ? null : defaultText(cx, def, domain.baseType, domain.typmod),
      });
      break;
    case 'N':
      yield* cx.writer.update(row, { typnotnull: false });
      break;
    case 'O':
      yield* forStored(cx, domain.oid, (value, relation, column) => {
        if (value !== null) return;
        throw sqlError('not_null_violation', `column "${column}" of table "${relation.name}" contains null values`, {
          ...tableFields(cx.exec, relation),
          column,
        });
      });
      yield* cx.writer.update(row, { typnotnull: true });
      break;
    case 'C':
      if (def !== undefined && 'Constraint' in def) yield* addCheck(cx, domain.oid, def.Constraint);
      break;
    case 'X':
      yield* dropDomainConstraint(cx, domain, statement);
      break;
    case 'V':
      yield* validateDomainConstraint(cx, domain, statement.name ?? '');
      break;
    default:
      throw notSupported('this form of ALTER DOMAIN');
  }
  return 'ALTER DOMAIN';
}

function* dropDomainConstraint(cx: DdlContext, domain: TypeDesc, statement: AlterDomainStmt): Task<void> {
  const name = statement.name ?? '';
  const found = cx.writer.findOne('pg_constraint_conrelid_contypid_conname_index', [0, domain.oid, name]);
  if (found !== undefined) {
    yield* dropAll(cx, [address('pg_constraint', found.number('oid'))], statement.behavior === 'DROP_CASCADE');
    return;
  }
  const error = sqlError('undefined_object', `constraint "${name}" of domain "${domain.name}" does not exist`);
  skipMissing(cx, statement.missing_ok, error);
}

function* validateDomainConstraint(cx: DdlContext, domain: TypeDesc, name: string): Task<void> {
  const found = cx.writer.findOne('pg_constraint_conrelid_contypid_conname_index', [0, domain.oid, name]);
  if (found === undefined) {
    throw sqlError('undefined_object', `constraint "${name}" of domain "${domain.name}" does not exist`);
  }
  const { expr, value } = bindCheck(cx, domain, found.text('conbin'));
  yield* checkStored(cx, domain.oid, expr, value);
  yield* cx.writer.update(found, { convalidated: true });
}

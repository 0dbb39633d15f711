/** INSERT: target columns, source rows, defaults, ON CONFLICT, RETURNING. */
import type { InsertStmt, MergeWhenClause, Node } from '@pgsql/types';
import type { AttributeDesc, RelationDesc } from '../../catalog/descriptors.js';
import { notSupported } from '../../errors/sql-error.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import { furtherRows } from '../parser/packed-rows.js';
import { makeColumn } from '../plan/column-expr.js';
import type { Expr } from '../plan/expression.js';
import type { TableAccess } from '../plan/plan-access.js';
import { type FurtherTuples, type InsertNode, type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import { assignInto, partType } from './assignments.js';
import type { BindContext } from './bind-context.js';
import { bindOnConflict } from './bind-on-conflict.js';
import { type BoundModification, bindReturning, boundModification, returningFields } from './bind-returning.js';
import { bindTuples } from './bind-values.js';
import { bindWith } from './bind-with.js';
import { binders } from './binders.js';
import { coerce } from './coercion.js';
import { columnExpr, Scope, type ScopeColumn } from './scope.js';
import { findRelation } from './table-source.js';
import { targetAccess } from './target-access.js';
import {
  assignedTwice,
  checkedTarget,
  hasInsteadOf,
  refusedColumn,
  type UpdatableView,
  updatableView,
  viewRow,
} from './updatable-view.js';
import { assignTo, bindWriteTarget, checkWritable, defaultExpr, findAttribute, generatedExpr } from './write-target.js';

export function bindInsert(cx: BindContext, parent: Scope | null, statement: InsertStmt): BoundModification {
  const scope = new Scope(parent);
  const wrap = statement.withClause === undefined ? null : bindWith(cx, scope, statement.withClause);
  if (statement.relation === undefined) throw notSupported('INSERT without a table');
  const named = findRelation(cx, statement.relation);
  const use = (statement.onConflictClause?.infer?.indexElems ?? []).length > 0 ? 'write' : 'insert';
  cx.useRelation(named, use, statement.relation.location);
  const triggered = named.kind === 'v' && hasInsteadOf(named, 'insert into');
  if (triggered && statement.onConflictClause !== undefined)
    throw notSupported('ON CONFLICT on a view with INSTEAD OF triggers');
  const view = named.kind === 'v' && !triggered ? updatableView(cx, named, 'insert into') : null;
  const relation = view?.base ?? named;
  if (triggered) cx.useRelation(named, use);
  else if (view === null) checkWritable(cx, relation, 'insert into', statement.relation.location);
  else cx.useRelation(relation, use);
  const access = targetAccess(cx, named, view, PRIVILEGE.INSERT);
  const { target, columns } = bindWriteTarget(cx, relation);
  const targets =
    view === null ? insertTargets(cx, relation, statement.cols ?? []) : viewTargets(cx, view, statement.cols ?? []);
  const given = bindSource(cx, scope, relation, targets, statement);
  for (const { number } of targets.slice(0, given.values.length)) access.inserted.add(number);
  const folded = foldParts(cx, scope, targets, given);
  const { attributes, source } = view === null ? folded : withViewDefaults(cx, view, folded);
  const input = completeRow(cx, relation, columns, attributes, source, statement.override);
  const alias = statement.relation.alias?.aliasname ?? named.name;
  const onConflict =
    statement.onConflictClause === undefined
      ? null
      : bindOnConflict(cx, scope, relation, alias, columns, target, statement.onConflictClause, access, view);
  const shown = view === null ? null : viewRow(cx, view, columns, alias, undefined);
  const returning = bindReturning(
    cx,
    scope,
    relation,
    alias,
    columns,
    [],
    statement.returningList ?? [],
    access,
    shown,
  );
  const node: InsertNode = {
    kind: 'insert',
    input,
    target: view === null ? target : checkedTarget(target, view),
    onConflict,
    ...returningFields(returning),
    ...UNESTIMATED,
  };
  return boundModification(node, wrap, returning);
}

/** An item of the column list: an attribute, or a part of one (`a[1]`, `c.f`), and the type that its values get. */
interface InsertTarget {
  readonly attribute: AttributeDesc;
  /** Of the column in the relation that the statement names. */
  readonly number: number;
  readonly steps: readonly Node[];
  readonly type: number;
  readonly typmod: number;
  readonly location: number;
  /** The error that this column of a view cannot be given a value. */
  readonly refused?: Error;
  /** The view's column where that has a default of its own. */
  readonly ownDefault?: AttributeDesc | undefined;
}

/** The column list of a view, or all of its columns, as attributes of its table. */
function viewTargets(cx: BindContext, view: UpdatableView, cols: readonly Node[]): InsertTarget[] {
  const taken = new Set<number>();
  return insertTargets(cx, view.view, cols).map((target): InsertTarget => {
    const { name, attribute: number } = view.columns[target.attribute.number - 1];
    if (number === 0) return { ...target, refused: refusedColumn(cx, view, name, 'insert into') };
    const attribute = view.base.attributes[number - 1];
    if (taken.has(number)) return { ...target, refused: assignedTwice(cx, attribute.name) };
    taken.add(number);
    const ownDefault = target.attribute.defaultText === null ? undefined : target.attribute;
    return { ...target, attribute, ownDefault };
  });
}

/** Adds the defaults of the view for columns that the statement does not name; the table fills in the others. */
function withViewDefaults(
  cx: BindContext,
  updatable: UpdatableView,
  { attributes, source }: { attributes: AttributeDesc[]; source: Source },
): { attributes: AttributeDesc[]; source: Source } {
  const { view, base, columns } = updatable;
  const missing = view.attributes.filter(({ number, defaultText, name }) => {
    const own = columns[number - 1].attribute;
    if (defaultText !== null && own === 0) throw refusedColumn(cx, updatable, name, 'insert into');
    return defaultText !== null && !attributes.includes(base.attributes[own - 1]);
  });
  return {
    attributes: [...attributes, ...missing.map(({ number }) => base.attributes[columns[number - 1].attribute - 1])],
    source: {
      plan: source.plan,
      values: [...source.values, ...missing.map((attribute) => defaultExpr(cx, view, attribute))],
      isDefault: [...source.isDefault, ...missing.map(() => false)],
    },
  };
}

/** The column list, or all attributes. */
function insertTargets(cx: BindContext, relation: RelationDesc, cols: readonly Node[]): InsertTarget[] {
  if (cols.length === 0) {
    const live = relation.attributes.filter((attribute) => !attribute.dropped);
    return live.map((attribute) => ({
      attribute,
      number: attribute.number,
      steps: [],
      type: attribute.type,
      typmod: attribute.typmod,
      location: -1,
    }));
  }
  const targets: InsertTarget[] = [];
  for (const node of cols) {
    if (!('ResTarget' in node)) continue;
    const attribute = findAttribute(cx, relation, node.ResTarget);
    const { indirection: steps = [], location = -1 } = node.ResTarget;
    if (targets.some((other) => other.attribute === attribute && (steps.length === 0 || other.steps.length === 0)))
      throw cx.error('duplicate_column', `column "${attribute.name}" specified more than once`, location);
    targets.push({
      attribute,
      number: attribute.number,
      steps,
      location,
      ...partType(cx, attribute, attribute, steps, location),
    });
  }
  return targets;
}

/** Puts values of parts together to values of attributes. */
function foldParts(
  cx: BindContext,
  scope: Scope,
  targets: readonly InsertTarget[],
  source: Source,
): { attributes: AttributeDesc[]; source: Source } {
  const attributes: AttributeDesc[] = [];
  const values: Expr[] = [];
  const isDefault: boolean[] = [];
  targets.forEach(({ attribute, steps, refused }, i) => {
    const value = source.values[i];
    if (value === undefined) return;
    if (refused !== undefined) throw refused;
    const known = attributes.indexOf(attribute);
    if (known < 0) attributes.push(attribute);
    const place = known < 0 ? attributes.length - 1 : known;
    const current: Expr = values[place] ?? {
      kind: 'const',
      value: null,
      type: attribute.type,
      typmod: -1,
      collation: attribute.collation,
      location: -1,
    };
    values[place] = steps.length === 0 ? value : assignInto(cx, scope, attribute, current, steps, value);
    isDefault[place] = source.isDefault[i];
  });
  return { attributes, source: { plan: source.plan, values, isDefault } };
}

/** Converts a value to what the target takes. */
function convertFor(cx: BindContext, expr: Expr, target: InsertTarget): Expr {
  if (target.steps.length === 0) return assignTo(cx, expr, target.attribute);
  return coerce(cx, expr, target.type, target.typmod, 'assignment');
}

const ONE_ROW: PlanNode = { kind: 'one row', columns: [], ...UNESTIMATED };

interface Source {
  readonly plan: PlanNode;
  /** One for each given target attribute; null: DEFAULT for every row. */
  readonly values: readonly Expr[];
  /** Whether a value given is DEFAULT everywhere, so that GENERATED ALWAYS accepts it. */
  readonly isDefault: readonly boolean[];
}

function bindSource(
  cx: BindContext,
  scope: Scope,
  relation: RelationDesc,
  targets: readonly InsertTarget[],
  statement: InsertStmt,
): Source {
  const select = statement.selectStmt;
  if (select === undefined) return { plan: ONE_ROW, values: [], isDefault: [] };
  if (!('SelectStmt' in select)) throw notSupported('this source of INSERT');
  const query = select.SelectStmt;
  const plainValues =
    query.valuesLists !== undefined &&
    query.sortClause === undefined &&
    query.limitCount === undefined &&
    query.withClause === undefined;
  if (plainValues && query.valuesLists !== undefined)
    return valuesSource(cx, scope, relation, targets, query.valuesLists, statement.cols !== undefined);
  cx.keepUnknown = true;
  const bound = binders.select(cx, scope, query);
  cx.keepUnknown = false;
  const location = bound.plan.kind === 'project' ? bound.plan.exprs.map((expr) => expr.location) : [];
  checkWidth(cx, targets, bound.columns.length, statement.cols !== undefined, location);
  const literals = bound.plan.kind === 'project' ? bound.plan.exprs : [];
  const values = bound.columns.map((column, i) => {
    const literal = literals[i];
    const open = literal !== undefined && (literal.kind === 'const' || literal.kind === 'param');
    return convertFor(cx, open ? literal : columnExpr(column, literal?.location ?? -1), targets[i]);
  });
  return { plan: bound.plan, values, isDefault: values.map(() => false) };
}

function checkWidth(
  cx: BindContext,
  targets: readonly InsertTarget[],
  width: number,
  named: boolean,
  locations: readonly number[],
): void {
  if (width > targets.length)
    throw cx.error('syntax_error', 'INSERT has more expressions than target columns', locations[targets.length]);
  if (named && width < targets.length)
    throw cx.error('syntax_error', 'INSERT has more target columns than expressions', targets[width].location);
}

/** VALUES with DEFAULT allowed; each item is converted to its column at once. */
function valuesSource(
  cx: BindContext,
  scope: Scope,
  relation: RelationDesc,
  targets: readonly InsertTarget[],
  lists: readonly Node[],
  named: boolean,
): Source {
  const defaults = new Set<Expr>();
  const bind = (some: readonly Node[]) => bindTuples(cx, scope, some, bindDefault);
  const bindDefault = (position: number): Expr => {
    const target = targets[position];
    if (target === undefined) throw cx.error('syntax_error', 'INSERT has more expressions than target columns');
    const { attribute, steps, ownDefault = attribute } = target;
    if (steps.length > 0) {
      const what = 'String' in steps[0] ? 'a subfield' : 'an array element';
      throw cx.error('feature_not_supported', `cannot set ${what} to DEFAULT`, target.location);
    }
    const value =
      attribute.generated === ''
        ? { ...defaultExpr(cx, relation, ownDefault) }
        : { kind: 'const' as const, value: null, type: attribute.type, typmod: -1, collation: 0, location: -1 };
    defaults.add(value);
    return value;
  };
  const convert = (some: readonly Expr[][]) =>
    some.map((tuple) => tuple.map((expr, i) => (defaults.has(expr) ? expr : convertFor(cx, expr, targets[i]))));
  const tuples = bind(lists);
  const width = tuples[0]?.length ?? 0;
  checkWidth(cx, targets, width, named, tuples[0]?.map((expr) => expr.location) ?? []);
  const converted = convert(tuples);
  const more = furtherRows(lists);
  const isDefault = Array.from(
    { length: width },
    (_, i) => (more === undefined || more.allDefault[i]) && tuples.every((tuple) => defaults.has(tuple[i])),
  );
  if (converted.length === 1 && more === undefined) return { plan: ONE_ROW, values: converted[0], isDefault };
  const columns = Array.from({ length: width }, (_, i) => cx.newColumn(targets[i].attribute.name));
  const values = columns.map((id, i) => {
    const { attribute, type, typmod, steps } = targets[i];
    const collation = steps.length === 0 ? attribute.collation : cx.collationOf(type);
    return makeColumn(id, attribute.name, { type, typmod, collation });
  });
  const further: FurtherTuples | undefined = more && {
    length: more.length,
    bind(from, most) {
      defaults.clear();
      return convert(bind(more.lists(from, most)));
    },
  };
  return { plan: { kind: 'values', tuples: converted, further, columns, ...UNESTIMATED }, values, isDefault };
}

/** A projection that gives rows in the table's layout. */
export function completeRow(
  cx: BindContext,
  relation: RelationDesc,
  columns: readonly ScopeColumn[],
  attributes: readonly AttributeDesc[],
  source: Source,
  override: InsertStmt['override'],
): PlanNode {
  const plain = makeRow(cx, relation, source.plan, rowValues(cx, relation, attributes, source, override));
  const inputColumns = columns.map((column, i) => ({ ...column, id: plain.columns[i] }));
  const stored = storedValues(cx, relation, inputColumns);
  return stored === null ? plain : makeRow(cx, relation, plain, stored);
}

/** The row of an INSERT action of MERGE, over what `scope` sees; `columns` are those of the new row. */
export function bindInsertedRow(
  cx: BindContext,
  scope: Scope,
  relation: RelationDesc,
  columns: readonly ScopeColumn[],
  { targetList = [], values, override }: MergeWhenClause,
  access: TableAccess,
): { newRow: Expr[]; stored: Expr[] | null } {
  const targets = insertTargets(cx, relation, targetList);
  const given =
    values === undefined
      ? { plan: ONE_ROW, values: [], isDefault: [] }
      : valuesSource(cx, scope, relation, targets, [{ List: { items: values } }], targetList.length > 0);
  for (const { number } of targets.slice(0, given.values.length)) access.inserted.add(number);
  const { attributes, source } = foldParts(cx, scope, targets, given);
  return {
    newRow: rowValues(cx, relation, attributes, source, override),
    stored: storedValues(cx, relation, columns),
  };
}

/** One value for each attribute: given ones, defaults, NULL for those that are generated. @throws SqlError 428C9 */
function rowValues(
  cx: BindContext,
  relation: RelationDesc,
  attributes: readonly AttributeDesc[],
  source: Source,
  override: InsertStmt['override'],
): Expr[] {
  return relation.attributes.map((attribute): Expr => {
    const position = attributes.indexOf(attribute);
    const given = position >= 0 && position < source.values.length;
    if (attribute.dropped)
      return { kind: 'const', value: null, type: attribute.type, typmod: -1, collation: 0, location: -1 };
    if (!given)
      return attribute.generated === ''
        ? defaultExpr(cx, relation, attribute)
        : { kind: 'const', value: null, type: attribute.type, typmod: -1, collation: 0, location: -1 };
    if (attribute.generated !== '' && !source.isDefault[position]) {
      throw cx.error('generated_always', `cannot insert a non-DEFAULT value into column "${attribute.name}"`, -1, {
        detail: `Column "${attribute.name}" is a generated column.`,
      });
    }
    if (attribute.identity === 'a' && override === 'OVERRIDING_USER_VALUE') return defaultExpr(cx, relation, attribute);
    if (attribute.identity === 'd' && override === 'OVERRIDING_USER_VALUE') return defaultExpr(cx, relation, attribute);
    if (attribute.identity === 'a' && override !== 'OVERRIDING_SYSTEM_VALUE' && !source.isDefault[position]) {
      throw cx.error('generated_always', `cannot insert a non-DEFAULT value into column "${attribute.name}"`, -1, {
        detail: `Column "${attribute.name}" is an identity column defined as GENERATED ALWAYS.`,
        hint: 'Use OVERRIDING SYSTEM VALUE to override.',
      });
    }
    return source.values[position];
  });
}

function makeRow(cx: BindContext, relation: RelationDesc, input: PlanNode, exprs: readonly Expr[]): PlanNode {
  return {
    kind: 'project',
    input,
    exprs,
    columns: relation.attributes.map((attribute) => cx.newColumn(attribute.name)),
    ...UNESTIMATED,
  };
}

/** The finished row with its stored generated columns, which are computed from `columns`; null when there are none. */
function storedValues(cx: BindContext, relation: RelationDesc, columns: readonly ScopeColumn[]): Expr[] | null {
  if (!relation.attributes.some((attribute) => attribute.generated !== '' && !attribute.dropped)) return null;
  return relation.attributes.map((attribute, i) =>
    attribute.generated !== '' && !attribute.dropped
      ? generatedExpr(cx, relation, attribute, columns)
      : columnExpr(columns[i]),
  );
}

/**
 * Walking and rewriting expressions and plans, exhaustively by kind: a new kind is a compile error here and nowhere
 * else. Rewrites share what does not change.
 */
import type {
  AggregateCall,
  ColumnId,
  Expr,
  FieldAssignExpr,
  SortKey,
  SubscriptExpr,
  WindowCall,
  WindowFrame,
} from './expression.js';
import type { OnConflict, PlanNode, Returning, WriteTarget } from './plan-node.js';

type ExprMap = (expr: Expr) => Expr;

export function assertNever(value: never): never {
  throw new Error(`unexpected kind ${JSON.stringify(value)}`);
}

/** Direct subexpressions; plans of subqueries are not entered. */
export function childExprs(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'const':
    case 'column':
    case 'param':
    case 'sql value':
      return [];
    case 'function':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'greatest':
    case 'least':
      return expr.args;
    case 'relabel':
    case 'coerce via io':
    case 'not':
    case 'null test':
    case 'boolean test':
    case 'field':
      return [expr.arg];
    case 'array coerce':
      return [expr.arg, expr.element];
    case 'coerce to domain':
      return [expr.arg, ...expr.checks.map((check) => check.expr)];
    case 'case': {
      const branches = expr.branches.flatMap((branch) => [branch.condition, branch.result]);
      return expr.operand === null ? [...branches, expr.otherwise] : [expr.operand, ...branches, expr.otherwise];
    }
    case 'nullif':
    case 'distinct from':
      return [expr.left, expr.right, expr.equality];
    case 'array comparison':
      return [expr.left, expr.array, expr.comparison];
    case 'array':
      return expr.elements;
    case 'row':
      return expr.fields;
    case 'row comparison':
      return expr.pairs.flatMap((pair) => [pair.equal, pair.less]);
    case 'field assign':
      return [expr.arg, ...expr.assignments.map((assignment) => assignment.value)];
    case 'subscript': {
      const parts: Expr[] = [expr.arg];
      for (const { lower, upper } of expr.subscripts) {
        if (lower !== null) parts.push(lower);
        if (upper !== null) parts.push(upper);
      }
      if (expr.assign !== null) parts.push(expr.assign);
      return parts;
    }
    case 'subplan':
      return expr.test === null ? [] : [expr.test];
    default:
      return assertNever(expr);
  }
}

function mapFunction<E extends Expr>(expr: E, f: ExprMap): E {
  const mapped = f(expr);
  if (mapped.kind !== expr.kind) throw new Error(`a ${expr.kind} was replaced where only a ${expr.kind} can stand`);
  return mapped as E;
}

/** The expression with its direct subexpressions replaced. Plans of subqueries are rewritten with `g` when given. */
export function mapChildExprs(expr: Expr, f: ExprMap, g?: (plan: PlanNode) => PlanNode): Expr {
  switch (expr.kind) {
    case 'const':
    case 'column':
    case 'param':
    case 'sql value':
      return expr;
    case 'function':
    case 'and':
    case 'or':
    case 'coalesce':
    case 'greatest':
    case 'least':
      return { ...expr, args: expr.args.map(f) };
    case 'relabel':
    case 'coerce via io':
    case 'not':
    case 'null test':
    case 'boolean test':
    case 'field':
      return { ...expr, arg: f(expr.arg) };
    case 'array coerce':
      return { ...expr, arg: f(expr.arg), element: f(expr.element) };
    case 'coerce to domain':
      return { ...expr, arg: f(expr.arg), checks: expr.checks.map((check) => ({ ...check, expr: f(check.expr) })) };
    case 'case':
      return {
        ...expr,
        operand: expr.operand === null ? null : f(expr.operand),
        branches: expr.branches.map((branch) => ({ condition: f(branch.condition), result: f(branch.result) })),
        otherwise: f(expr.otherwise),
      };
    case 'nullif':
    case 'distinct from':
      return { ...expr, left: f(expr.left), right: f(expr.right), equality: mapFunction(expr.equality, f) };
    case 'array comparison':
      return { ...expr, left: f(expr.left), array: f(expr.array), comparison: mapFunction(expr.comparison, f) };
    case 'array':
      return { ...expr, elements: expr.elements.map(f) };
    case 'row':
      return { ...expr, fields: expr.fields.map(f) };
    case 'row comparison':
      return {
        ...expr,
        pairs: expr.pairs.map((pair) => ({ equal: mapFunction(pair.equal, f), less: mapFunction(pair.less, f) })),
      };
    case 'field assign':
      return {
        ...expr,
        arg: f(expr.arg),
        assignments: expr.assignments.map((assignment) => ({ ...assignment, value: f(assignment.value) })),
      };
    case 'subscript':
      return {
        ...expr,
        arg: f(expr.arg),
        subscripts: expr.subscripts.map((subscript) => ({
          ...subscript,
          lower: subscript.lower === null ? null : f(subscript.lower),
          upper: subscript.upper === null ? null : f(subscript.upper),
        })),
        assign: expr.assign === null ? null : f(expr.assign),
      };
    case 'subplan':
      return mapSubplan(expr, f, g);
    default:
      return assertNever(expr);
  }
}

function mapSubplan(expr: Expr & { kind: 'subplan' }, f: ExprMap, g?: (plan: PlanNode) => PlanNode): Expr {
  const plan = g === undefined ? expr.plan : g(expr.plan);
  return {
    ...expr,
    plan,
    test: expr.test === null ? null : f(expr.test),
    hash: expr.hash === null ? null : expr.hash.map((pair) => ({ ...pair, outer: f(pair.outer) })),
    correlation: plan === expr.plan ? expr.correlation : [...freeColumns(plan)],
  };
}

/** Visits the expression and everything below it, plans of subqueries included when `intoPlans`. */
export function walkExpr(expr: Expr, visit: (expr: Expr) => void, intoPlans = false): void {
  visit(expr);
  for (const child of childExprs(expr)) walkExpr(child, visit, intoPlans);
  if (intoPlans && expr.kind === 'subplan')
    walkPlan(expr.plan, (node) => nodeExprs(node).forEach((e) => walkExpr(e, visit, true)));
}

/** Rewrites bottom-up. */
export function rewriteExpr(expr: Expr, f: ExprMap, g?: (plan: PlanNode) => PlanNode): Expr {
  return f(mapChildExprs(expr, (child) => rewriteExpr(child, f, g), g));
}

export function someExpr(expr: Expr, test: (expr: Expr) => boolean): boolean {
  return test(expr) || childExprs(expr).some((child) => someExpr(child, test));
}

export function childNodes(node: PlanNode): readonly PlanNode[] {
  switch (node.kind) {
    case 'one row':
    case 'empty':
    case 'values':
    case 'seq scan':
    case 'index scan':
    case 'function scan':
    case 'cte scan':
    case 'work table scan':
    case 'row source':
      return [];
    case 'filter':
    case 'project':
    case 'project set':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lock rows':
    case 'insert':
    case 'update':
    case 'delete':
      return [node.input];
    case 'join':
    case 'nested loop':
    case 'hash join':
    case 'merge join':
    case 'set operation':
      return [node.left, node.right];
    case 'append':
      return node.inputs;
    case 'with':
      return [...node.ctes.map((cte) => cte.plan), node.body];
    case 'recursive union':
      return [node.seed, node.step];
    default:
      return assertNever(node);
  }
}

export function mapChildNodes(node: PlanNode, f: (node: PlanNode) => PlanNode): PlanNode {
  switch (node.kind) {
    case 'one row':
    case 'empty':
    case 'values':
    case 'seq scan':
    case 'index scan':
    case 'function scan':
    case 'cte scan':
    case 'work table scan':
    case 'row source':
      return node;
    case 'filter':
    case 'project':
    case 'project set':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lock rows':
    case 'insert':
    case 'update':
    case 'delete':
      return { ...node, input: f(node.input) };
    case 'join':
    case 'nested loop':
    case 'hash join':
    case 'merge join':
    case 'set operation':
      return { ...node, left: f(node.left), right: f(node.right) };
    case 'append':
      return { ...node, inputs: node.inputs.map(f) };
    case 'with':
      return { ...node, ctes: node.ctes.map((cte) => ({ ...cte, plan: f(cte.plan) })), body: f(node.body) };
    case 'recursive union':
      return { ...node, seed: f(node.seed), step: f(node.step) };
    default:
      return assertNever(node);
  }
}

function keyExprs(keys: readonly SortKey[]): Expr[] {
  return keys.map((key) => key.expr);
}

function callExprs(call: AggregateCall): Expr[] {
  return [...call.args, ...call.directArgs, ...keyExprs(call.orderBy), ...(call.filter === null ? [] : [call.filter])];
}

function frameExprs(frame: WindowFrame): Expr[] {
  return [frame.start, frame.end].flatMap((bound) => ('offset' in bound ? [bound.offset] : []));
}

function targetExprs(target: WriteTarget): Expr[] {
  return [
    ...target.checks.map((check) => check.expr),
    ...target.indexes.flatMap((index) => [...index.keys, ...(index.predicate === null ? [] : [index.predicate])]),
  ];
}

function optional(...exprs: (Expr | null)[]): Expr[] {
  return exprs.filter((expr): expr is Expr => expr !== null);
}

/** The expressions that a node itself evaluates. */
export function nodeExprs(node: PlanNode): readonly Expr[] {
  switch (node.kind) {
    case 'one row':
    case 'empty':
    case 'append':
    case 'set operation':
    case 'with':
    case 'cte scan':
    case 'recursive union':
    case 'work table scan':
    case 'row source':
      return [];
    case 'values':
      return node.tuples.flat();
    case 'seq scan':
      return optional(node.filter);
    case 'index scan':
      return [
        ...node.prefix.flatMap((condition) =>
          condition.kind === 'equal' ? [condition.value] : condition.kind === 'any' ? [condition.array] : [],
        ),
        ...optional(node.lower?.value ?? null, node.upper?.value ?? null, node.filter, node.indexPredicate),
        ...node.indexKeys,
      ];
    case 'function scan':
      return node.functions;
    case 'filter':
      return [node.predicate];
    case 'project':
    case 'project set':
      return node.exprs;
    case 'join':
    case 'nested loop':
      return optional(node.condition);
    case 'hash join':
    case 'merge join':
      return [...node.leftKeys, ...node.rightKeys, ...optional(node.residual)];
    case 'aggregate':
      return [...node.groupBy, ...node.calls.flatMap(callExprs)];
    case 'window':
      return [
        ...node.partitionBy,
        ...keyExprs(node.orderBy),
        ...frameExprs(node.frame),
        ...node.calls.flatMap((call) => [...call.args, ...optional(call.filter)]),
      ];
    case 'sort':
      return [...keyExprs(node.keys), ...optional(node.limit)];
    case 'limit':
      return [...optional(node.limit, node.offset), ...keyExprs(node.tiesKeys ?? [])];
    case 'distinct':
      return node.keys;
    case 'lock rows':
      return [...node.padded.map(({ condition }) => condition), ...optional(node.recheck)];
    case 'insert':
      return [
        ...targetExprs(node.target),
        ...(node.onConflict === null ? [] : conflictExprs(node.onConflict)),
        ...(node.returning?.exprs ?? []),
      ];
    case 'update':
      return [...targetExprs(node.target), ...node.newRow, ...optional(node.recheck), ...(node.returning?.exprs ?? [])];
    case 'delete':
      return [...targetExprs(node.target), ...optional(node.recheck), ...(node.returning?.exprs ?? [])];
    default:
      return assertNever(node);
  }
}

function conflictExprs(conflict: OnConflict): Expr[] {
  return [...conflict.newRow, ...optional(conflict.where)];
}

function mapKeys(keys: readonly SortKey[], f: ExprMap): SortKey[] {
  return keys.map((key) => ({ ...key, expr: f(key.expr) }));
}

function mapCall(call: AggregateCall, f: ExprMap): AggregateCall {
  return {
    ...call,
    args: call.args.map(f),
    directArgs: call.directArgs.map(f),
    orderBy: mapKeys(call.orderBy, f),
    filter: call.filter === null ? null : f(call.filter),
  };
}

function mapWindowCall(call: WindowCall, f: ExprMap): WindowCall {
  return { ...call, args: call.args.map(f), filter: call.filter === null ? null : f(call.filter) };
}

function mapFrame(frame: WindowFrame, f: ExprMap): WindowFrame {
  const bound = (b: WindowFrame['start']): WindowFrame['start'] => ('offset' in b ? { ...b, offset: f(b.offset) } : b);
  return { ...frame, start: bound(frame.start), end: bound(frame.end) };
}

function mapTarget(target: WriteTarget, f: ExprMap): WriteTarget {
  return {
    ...target,
    checks: target.checks.map((check) => ({ ...check, expr: f(check.expr) })),
    indexes: target.indexes.map((index) => ({
      ...index,
      keys: index.keys.map(f),
      predicate: index.predicate === null ? null : f(index.predicate),
    })),
  };
}

/** The node with the expressions that it evaluates itself replaced. */
export function mapNodeExprs(node: PlanNode, f: ExprMap): PlanNode {
  const nullable = (expr: Expr | null): Expr | null => (expr === null ? null : f(expr));
  const returning = (r: Returning | null): Returning | null => (r === null ? null : { exprs: r.exprs.map(f) });
  switch (node.kind) {
    case 'one row':
    case 'empty':
    case 'append':
    case 'set operation':
    case 'with':
    case 'cte scan':
    case 'recursive union':
    case 'work table scan':
    case 'row source':
      return node;
    case 'values':
      return { ...node, tuples: node.tuples.map((tuple) => tuple.map(f)) };
    case 'seq scan':
      return { ...node, filter: nullable(node.filter) };
    case 'index scan':
      return {
        ...node,
        prefix: node.prefix.map((condition) =>
          condition.kind === 'equal'
            ? { kind: 'equal', value: f(condition.value) }
            : condition.kind === 'any'
              ? { kind: 'any', array: f(condition.array) }
              : condition,
        ),
        lower: node.lower === null ? null : { ...node.lower, value: f(node.lower.value) },
        upper: node.upper === null ? null : { ...node.upper, value: f(node.upper.value) },
        filter: nullable(node.filter),
        indexKeys: node.indexKeys.map(f),
        indexPredicate: nullable(node.indexPredicate),
      };
    case 'function scan':
      return { ...node, functions: node.functions.map(f) };
    case 'filter':
      return { ...node, predicate: f(node.predicate) };
    case 'project':
    case 'project set':
      return { ...node, exprs: node.exprs.map(f) };
    case 'join':
    case 'nested loop':
      return { ...node, condition: nullable(node.condition) };
    case 'hash join':
    case 'merge join':
      return {
        ...node,
        leftKeys: node.leftKeys.map(f),
        rightKeys: node.rightKeys.map(f),
        residual: nullable(node.residual),
      };
    case 'aggregate':
      return { ...node, groupBy: node.groupBy.map(f), calls: node.calls.map((call) => mapCall(call, f)) };
    case 'window':
      return {
        ...node,
        partitionBy: node.partitionBy.map(f),
        orderBy: mapKeys(node.orderBy, f),
        frame: mapFrame(node.frame, f),
        calls: node.calls.map((call) => mapWindowCall(call, f)),
      };
    case 'sort':
      return { ...node, keys: mapKeys(node.keys, f), limit: nullable(node.limit) };
    case 'limit':
      return {
        ...node,
        limit: nullable(node.limit),
        offset: nullable(node.offset),
        tiesKeys: node.tiesKeys === null ? null : mapKeys(node.tiesKeys, f),
      };
    case 'distinct':
      return { ...node, keys: node.keys.map(f) };
    case 'lock rows':
      return {
        ...node,
        padded: node.padded.map((side) => ({ ...side, condition: f(side.condition) })),
        recheck: nullable(node.recheck),
      };
    case 'insert':
      return {
        ...node,
        target: mapTarget(node.target, f),
        onConflict:
          node.onConflict === null
            ? null
            : { ...node.onConflict, newRow: node.onConflict.newRow.map(f), where: nullable(node.onConflict.where) },
        returning: returning(node.returning),
      };
    case 'update':
      return {
        ...node,
        target: mapTarget(node.target, f),
        newRow: node.newRow.map(f),
        recheck: nullable(node.recheck),
        returning: returning(node.returning),
      };
    case 'delete':
      return {
        ...node,
        target: mapTarget(node.target, f),
        recheck: nullable(node.recheck),
        returning: returning(node.returning),
      };
    default:
      return assertNever(node);
  }
}

export function walkPlan(node: PlanNode, visit: (node: PlanNode) => void): void {
  visit(node);
  for (const child of childNodes(node)) walkPlan(child, visit);
}

/** Column ids that a node defines besides `columns`. */
function extraColumns(node: PlanNode): readonly ColumnId[] {
  switch (node.kind) {
    case 'insert':
      return [...node.target.columns, ...(node.onConflict?.existing ?? [])];
    case 'update':
    case 'delete':
      return node.target.columns;
    default:
      return [];
  }
}

function internalColumns(expr: Expr, add: (id: ColumnId) => void): void {
  if (expr.kind === 'array coerce' || expr.kind === 'array comparison') add(expr.elementColumn);
  else if (expr.kind === 'coerce to domain') add(expr.valueColumn);
  else if (expr.kind === 'case') add(expr.operandColumn);
}

function collect(node: PlanNode, defined: Set<ColumnId>, used: Set<ColumnId>): void {
  walkPlan(node, (n) => {
    for (const id of n.columns) defined.add(id);
    for (const id of extraColumns(n)) defined.add(id);
    for (const expr of nodeExprs(n)) collectExpr(expr, defined, used);
  });
}

function collectExpr(expr: Expr, defined: Set<ColumnId>, used: Set<ColumnId>): void {
  walkExpr(expr, (e) => {
    internalColumns(e, (id) => defined.add(id));
    if (e.kind === 'column') used.add(e.id);
    else if (e.kind === 'subplan') for (const id of freeOfSubplan(e.plan)) used.add(id);
  });
}

/** Plans do not change, and each level of nested subqueries asks for all levels below. */
const freeBySubplan = new WeakMap<PlanNode, ReadonlySet<ColumnId>>();

function freeOfSubplan(plan: PlanNode): ReadonlySet<ColumnId> {
  let free = freeBySubplan.get(plan);
  if (free === undefined) {
    free = freeColumns(plan);
    freeBySubplan.set(plan, free);
  }
  return free;
}

/** Columns of enclosing queries that a plan reads. */
export function freeColumns(node: PlanNode): Set<ColumnId> {
  const defined = new Set<ColumnId>();
  const used = new Set<ColumnId>();
  collect(node, defined, used);
  for (const id of defined) used.delete(id);
  return used;
}

/** Columns that an expression reads, those read by its subqueries from outside included. */
export function exprColumns(expr: Expr): Set<ColumnId> {
  const defined = new Set<ColumnId>();
  const used = new Set<ColumnId>();
  collectExpr(expr, defined, used);
  for (const id of defined) used.delete(id);
  return used;
}

/** Replaces columns by expressions, in subqueries too. */
export function substituteColumns(expr: Expr, replacement: ReadonlyMap<ColumnId, Expr>): Expr {
  if (replacement.size === 0) return expr;
  const inExpr = (e: Expr): Expr => (e.kind === 'column' ? (replacement.get(e.id) ?? e) : e);
  const inPlan = (plan: PlanNode): PlanNode => substituteInPlan(plan, replacement);
  return rewriteExpr(expr, inExpr, inPlan);
}

export function substituteInPlan(plan: PlanNode, replacement: ReadonlyMap<ColumnId, Expr>): PlanNode {
  const free = freeColumns(plan);
  if (![...free].some((id) => replacement.has(id))) return plan;
  const mapped = mapChildNodes(plan, (child) => substituteInPlan(child, replacement));
  return mapNodeExprs(mapped, (expr) => substituteColumns(expr, replacement));
}

/** Structural equality, locations aside; columns that an expression defines for itself may differ in their ids. */
export function sameExpr(a: Expr, b: Expr, renamed: ReadonlyMap<ColumnId, ColumnId> = NO_RENAMES): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.type !== b.type) return false;
  if (!sameHead(a, b, renamed)) return false;
  const inner = internalRenames(a, b, renamed);
  const left = childExprs(a);
  const right = childExprs(b);
  return left.length === right.length && left.every((child, i) => sameExpr(child, right[i], inner));
}

const NO_RENAMES: ReadonlyMap<ColumnId, ColumnId> = new Map();

function internalRenames(a: Expr, b: Expr, renamed: ReadonlyMap<ColumnId, ColumnId>): ReadonlyMap<ColumnId, ColumnId> {
  const own: ColumnId[] = [];
  const other: ColumnId[] = [];
  internalColumns(a, (id) => own.push(id));
  internalColumns(b, (id) => other.push(id));
  if (own.length === 0 || own.length !== other.length) return renamed;
  const all = new Map(renamed);
  own.forEach((id, i) => all.set(id, other[i]));
  return all;
}

function sameHead(a: Expr, b: Expr, renamed: ReadonlyMap<ColumnId, ColumnId>): boolean {
  if (a.kind === 'const' && b.kind === 'const') return sameDatum(a.value, b.value);
  if (a.kind === 'column' && b.kind === 'column') return (renamed.get(a.id) ?? a.id) === b.id;
  if (a.kind === 'param' && b.kind === 'param') return a.index === b.index;
  if (a.kind === 'function' && b.kind === 'function')
    return a.proc.oid === b.proc.oid && a.variadicArray === b.variadicArray;
  if (a.kind === 'null test' && b.kind === 'null test') return a.negated === b.negated && a.row === b.row;
  if (a.kind === 'boolean test' && b.kind === 'boolean test') return a.negated === b.negated && a.value === b.value;
  if (a.kind === 'distinct from' && b.kind === 'distinct from') return a.negated === b.negated;
  if (a.kind === 'array comparison' && b.kind === 'array comparison') return a.quantifier === b.quantifier;
  if (a.kind === 'field' && b.kind === 'field') return a.position === b.position;
  if (a.kind === 'sql value' && b.kind === 'sql value') return a.op === b.op && a.typmod === b.typmod;
  if (a.kind === 'row comparison' && b.kind === 'row comparison') return a.operator === b.operator;
  if (a.kind === 'case' && b.kind === 'case') return (a.operand === null) === (b.operand === null);
  if (a.kind === 'array' && b.kind === 'array') return a.multidimensional === b.multidimensional;
  if (a.kind === 'field assign' && b.kind === 'field assign') return samePositions(a, b);
  if (a.kind === 'subscript' && b.kind === 'subscript') return sameSubscripts(a, b);
  return a.kind !== 'subplan';
}

function samePositions(a: FieldAssignExpr, b: FieldAssignExpr): boolean {
  return (
    a.assignments.length === b.assignments.length &&
    a.assignments.every((assignment, i) => assignment.position === b.assignments[i].position)
  );
}

/** Bounds that are left out are no children, so which ones are there has to be compared. */
function sameSubscripts(a: SubscriptExpr, b: SubscriptExpr): boolean {
  if (a.container !== b.container || a.subscripts.length !== b.subscripts.length) return false;
  if ((a.assign === null) !== (b.assign === null)) return false;
  return a.subscripts.every(({ slice, lower, upper }, i) => {
    const other = b.subscripts[i];
    return (
      slice === other.slice &&
      (lower === null) === (other.lower === null) &&
      (upper === null) === (other.upper === null)
    );
  });
}

function sameDatum(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a.constructor !== b.constructor) return false;
  return JSON.stringify(a, bigintText) === JSON.stringify(b, bigintText);
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value instanceof Map ? [...value] : value;
}

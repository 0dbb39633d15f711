/** Walking and rewriting expressions, exhaustively by kind: a new kind is a compile error here. */
import { assertNever } from '../../util/assert-never.js';
import type { Expr, SubplanExpr } from './expression.js';
import { walkPlan } from './node-children.js';
import { nodeExprs } from './node-exprs.js';

type ExprMap = (expr: Expr) => Expr;
type SubplanMap = (subplan: SubplanExpr) => SubplanExpr;

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

/** The expression with its direct subexpressions replaced. `g` rewrites the plans of subqueries, when given. */
export function mapChildExprs(expr: Expr, f: ExprMap, g?: SubplanMap): Expr {
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

function mapSubplan(expr: SubplanExpr, f: ExprMap, g?: SubplanMap): Expr {
  return {
    ...(g === undefined ? expr : g(expr)),
    test: expr.test === null ? null : f(expr.test),
    hash: expr.hash === null ? null : expr.hash.map((pair) => ({ ...pair, outer: f(pair.outer) })),
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
export function rewriteExpr(expr: Expr, f: ExprMap, g?: SubplanMap): Expr {
  return f(mapChildExprs(expr, (child) => rewriteExpr(child, f, g), g));
}

export function someExpr(expr: Expr, test: (expr: Expr) => boolean): boolean {
  return test(expr) || childExprs(expr).some((child) => someExpr(child, test));
}

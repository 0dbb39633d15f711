/**
 * Where pretty printing leaves parentheses out: whether an operand can stand in an operator, cast or call as it is. Only
 * the basic arithmetic operators are known by their precedence; everything else is enclosed.
 */
import type { Expr } from './expression.js';

/** Kinds that separate their operands by commas, brackets or keywords. */
const SEPARATING = new Set<Expr['kind']>([
  'subscript',
  'array',
  'row',
  'coalesce',
  'greatest',
  'least',
  'nullif',
  'case',
]);
/** Those, and kinds that have no parts. */
const CLOSED = new Set<Expr['kind']>([...SEPARATING, 'const', 'column', 'param', 'sql value']);

export function isSimpleOperand(expr: Expr, parent: Expr): boolean {
  if (CLOSED.has(expr.kind)) return true;
  switch (expr.kind) {
    case 'function':
      return expr.form !== 'operator' || isSimpleOperator(expr, parent);
    case 'field':
      return parent.kind !== 'field';
    case 'relabel':
      return (
        !(expr.explicit && expr.type === expr.arg.type && expr.typmod === expr.arg.typmod) &&
        isSimpleOperand(expr.arg, expr)
      );
    case 'coerce via io':
    case 'array coerce':
    case 'coerce to domain':
      return isSimpleOperand(expr.arg, expr);
    case 'and':
    case 'or':
    case 'not':
      return isBoolean(parent) ? bindsTighter(expr.kind, parent.kind) : isEnclosed(parent);
    case 'subplan':
    case 'null test':
    case 'boolean test':
    case 'distinct from':
      return isBoolean(parent) || isEnclosed(parent);
    default:
      return false;
  }
}

function isBoolean(expr: Expr): boolean {
  return expr.kind === 'and' || expr.kind === 'or' || expr.kind === 'not';
}

function bindsTighter(kind: Expr['kind'], parent: Expr['kind']): boolean {
  if (kind === 'or') return parent === 'or';
  return parent === 'and' || parent === 'or';
}

/** Arguments of calls and of what looks like a call. */
function isEnclosed(parent: Expr): boolean {
  if (parent.kind === 'function') return parent.form === 'call';
  return SEPARATING.has(parent.kind);
}

const LOW = new Set(['+', '-']);
const HIGH = new Set(['*', '/', '%']);

function binaryName(expr: Expr): string | null {
  return expr.kind === 'function' && expr.form === 'operator' && expr.args.length === 2
    ? (expr.operator?.name ?? null)
    : null;
}

function isSimpleOperator(expr: Expr & { kind: 'function' }, parent: Expr): boolean {
  if (parent.kind !== 'function' || parent.form !== 'operator') return isBoolean(parent) || isEnclosed(parent);
  const name = binaryName(expr);
  const outer = binaryName(parent);
  if (name === null || outer === null) return false;
  if (!(LOW.has(name) || HIGH.has(name)) || !(LOW.has(outer) || HIGH.has(outer))) return false;
  if (HIGH.has(name) && LOW.has(outer)) return true;
  if (LOW.has(name) && HIGH.has(outer)) return false;
  return expr === parent.args[0];
}

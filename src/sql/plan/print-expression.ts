/**
 * Expressions as text, the way PostgreSQL's EXPLAIN shows them: every operator in parentheses, casts as `::type`,
 * constants with their type where a reader would otherwise take them for another one.
 */
import type { Datum } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { TypeContext } from '../../types/type-context.js';
import { assertNever } from '../../util/assert-never.js';
import type { AggregateCall, ConstExpr, Expr, FunctionExpr, SortKey, SubplanExpr, WindowCall } from './expression.js';

export interface PrintContext {
  readonly types: TypeContext;
  quote(identifier: string): string;
  /** The text for a column; undefined: its own name, quoted. */
  column(id: number): string | undefined;
  /** `SubPlan 1`, `hashed SubPlan 2`, `$0` for plans that run once. */
  subplan(expr: SubplanExpr): string;
}

/** The expression as a condition or output column: an implicit cast at the very outside is left out. */
export function printExpr(expr: Expr, cx: PrintContext): string {
  return isImplicitCast(expr) ? printExpr(castArgument(expr), cx) : print(expr, cx);
}

function isImplicitCast(expr: Expr): boolean {
  if (expr.kind === 'function') return expr.form === 'implicit cast';
  return (expr.kind === 'relabel' || expr.kind === 'coerce via io' || expr.kind === 'array coerce') && !expr.explicit;
}

function castArgument(expr: Expr): Expr {
  if (expr.kind === 'function') return expr.args[0];
  return 'arg' in expr ? expr.arg : expr;
}

function print(expr: Expr, cx: PrintContext): string {
  const list = (exprs: readonly Expr[]): string => exprs.map((e) => print(e, cx)).join(', ');
  switch (expr.kind) {
    case 'const':
      return printConst(expr, cx);
    case 'column':
      return cx.column(expr.id) ?? cx.quote(expr.name);
    case 'param':
      return `$${expr.index + 1}`;
    case 'function':
      return printFunction(expr, cx);
    case 'relabel':
    case 'coerce via io':
    case 'array coerce':
    case 'coerce to domain':
      return printCast(expr.arg, expr.type, expr.typmod, cx);
    case 'and':
    case 'or':
      return `(${expr.args.map((arg) => printExpr(arg, cx)).join(expr.kind === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${printExpr(expr.arg, cx)})`;
    case 'null test':
      return `(${print(expr.arg, cx)} IS ${expr.negated ? 'NOT ' : ''}NULL)`;
    case 'boolean test':
      return `(${printExpr(expr.arg, cx)} IS ${expr.negated ? 'NOT ' : ''}${truthName(expr.value)})`;
    case 'case':
      return printCase(expr, cx);
    case 'coalesce':
      return `COALESCE(${list(expr.args)})`;
    case 'nullif':
      return `NULLIF(${print(expr.left, cx)}, ${print(expr.right, cx)})`;
    case 'greatest':
      return `GREATEST(${list(expr.args)})`;
    case 'least':
      return `LEAST(${list(expr.args)})`;
    case 'distinct from':
      return `(${print(expr.left, cx)} IS ${expr.negated ? 'NOT ' : ''}DISTINCT FROM ${print(expr.right, cx)})`;
    case 'array comparison': {
      const name = expr.comparison.operator?.name ?? expr.comparison.proc.name;
      const quantifier = expr.quantifier === 'any' ? 'ANY' : 'ALL';
      return `(${print(expr.comparison.args[0], cx)} ${name} ${quantifier} (${print(expr.array, cx)}))`;
    }
    case 'array': {
      const type = expr.elements.length === 0 ? `::${cx.types.catalog.formatType(expr.type, -1)}` : '';
      return `ARRAY[${list(expr.elements)}]${type}`;
    }
    case 'row':
      return `ROW(${list(expr.fields)})`;
    case 'row comparison': {
      const side = (at: 0 | 1): string => list(expr.pairs.map((pair) => pair.equal.args[at]));
      return `(ROW(${side(0)}) ${expr.operator} ROW(${side(1)}))`;
    }
    case 'field':
      return `(${print(expr.arg, cx)}).${cx.quote(expr.name)}`;
    case 'field assign':
      return `ROW(${list(expr.assignments.map((assignment) => assignment.value))})`;
    case 'subscript':
      return printSubscript(expr, cx);
    case 'subplan':
      return cx.subplan(expr);
    case 'sql value':
      return expr.typmod >= 0 ? `${expr.op.toUpperCase()}(${expr.typmod})` : expr.op.toUpperCase();
    default:
      return assertNever(expr);
  }
}

function truthName(value: boolean | null): string {
  return value === null ? 'UNKNOWN' : value ? 'TRUE' : 'FALSE';
}

function printFunction(expr: FunctionExpr, cx: PrintContext): string {
  if (expr.form === 'explicit cast' || expr.form === 'implicit cast') {
    return printCast(expr.args[0], expr.type, expr.typmod, cx);
  }
  if (expr.form === 'operator' && expr.operator !== null) {
    const args = expr.args.map((arg) => print(arg, cx));
    return args.length === 1 ? `(${expr.operator.name} ${args[0]})` : `(${args[0]} ${expr.operator.name} ${args[1]})`;
  }
  return `${cx.quote(expr.proc.name)}(${printArguments(expr.args, expr.variadicArray, cx)})`;
}

function printArguments(args: readonly Expr[], variadicArray: boolean, cx: PrintContext): string {
  const texts = args.map((arg) => print(arg, cx));
  if (variadicArray && texts.length > 0) texts[texts.length - 1] = `VARIADIC ${texts[texts.length - 1]}`;
  return texts.join(', ');
}

/** Without a length, `character` and `bit` would mean a length of one. */
function typeLabel(type: number, typmod: number, cx: PrintContext): string {
  if (typmod < 0 && type === oid.BPCHAR) return 'bpchar';
  return typmod < 0 && type === oid.BIT ? '"bit"' : cx.types.catalog.formatType(type, typmod);
}

function printCast(arg: Expr, type: number, typmod: number, cx: PrintContext): string {
  const name = typeLabel(type, typmod, cx);
  // A string literal that was only given a type looks like a typed literal.
  if (arg.kind === 'const' && arg.type === oid.UNKNOWN && arg.value !== null) {
    return `${quoteLiteral(String(arg.value))}::${name}`;
  }
  return `(${print(arg, cx)})::${name}`;
}

function printConst(expr: ConstExpr, cx: PrintContext): string {
  const { value, type, typmod } = expr;
  const label = `::${typeLabel(type, typmod, cx)}`;
  if (value === null) return type === oid.UNKNOWN ? 'NULL' : `NULL${label}`;
  const text = constText(value, type, cx);
  if (type === oid.BOOL) return text === 't' ? 'true' : 'false';
  if (type === oid.INT4) return text.startsWith('-') ? `'${text}'${label}` : text;
  if (type === oid.NUMERIC && /^\d[^eE]*\./.test(text)) return typmod >= 0 ? text + label : text;
  return type === oid.UNKNOWN ? quoteLiteral(text) : quoteLiteral(text) + label;
}

function constText(value: Exclude<Datum, null>, type: number, cx: PrintContext): string {
  return type === oid.UNKNOWN ? String(value) : cx.types.codec(type).format(value, cx.types);
}

/** Doubles quotes; backslashes are doubled too and announced by E. */
function quoteLiteral(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}

function printCase(expr: Expr & { kind: 'case' }, cx: PrintContext): string {
  const parts = ['CASE'];
  if (expr.operand !== null) parts.push(print(expr.operand, cx));
  for (const { condition, result } of expr.branches) {
    parts.push('WHEN', printWhen(expr, condition, cx), 'THEN', print(result, cx));
  }
  parts.push('ELSE', print(expr.otherwise, cx), 'END');
  return parts.join(' ');
}

/** In `CASE x WHEN y` the bound condition is `operand column = y`: only y is shown. */
function printWhen(expr: Expr & { kind: 'case' }, condition: Expr, cx: PrintContext): string {
  if (expr.operand !== null && condition.kind === 'function' && condition.args.length === 2) {
    return print(condition.args[1], cx);
  }
  return printExpr(condition, cx);
}

function printSubscript(expr: Expr & { kind: 'subscript' }, cx: PrintContext): string {
  const part = (bound: Expr | null): string => (bound === null ? '' : printExpr(bound, cx));
  const subscripts = expr.subscripts.map(({ lower, upper, slice }) =>
    slice ? `[${part(lower)}:${part(upper)}]` : `[${part(upper)}]`,
  );
  const simple = expr.arg.kind === 'column' || expr.arg.kind === 'param';
  const arg = print(expr.arg, cx);
  return (simple ? arg : `(${arg})`) + subscripts.join('');
}

/** `count(*)`, `sum(DISTINCT a ORDER BY b) FILTER (WHERE c)`. */
export function printAggregate(call: AggregateCall, cx: PrintContext): string {
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${printExpr(call.filter, cx)})`;
  const order = call.orderBy.map((key) => printSortKey(key, cx)).join(', ');
  const name = cx.quote(call.proc.name);
  if (call.aggregate.kind !== 'n') {
    return `${name}(${printArguments(call.directArgs, false, cx)}) WITHIN GROUP (ORDER BY ${order})${filter}`;
  }
  const args = call.args.length === 0 ? '*' : printArguments(call.args, call.variadicArray, cx);
  return `${name}(${call.distinct ? 'DISTINCT ' : ''}${args}${order === '' ? '' : ` ORDER BY ${order}`})${filter}`;
}

export function printWindowCall(call: WindowCall, cx: PrintContext): string {
  const star = call.args.length === 0 && call.aggregate !== null;
  const args = star ? '*' : printArguments(call.args, call.variadicArray, cx);
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${printExpr(call.filter, cx)})`;
  return `${cx.quote(call.proc.name)}(${args})${filter} OVER (?)`;
}

/** `a`, `b DESC`, `c NULLS FIRST`: only what is not the default is said. */
export function printSortKey(key: SortKey, cx: PrintContext): string {
  const text = printExpr(key.expr, cx);
  const direction = key.descending ? ' DESC' : '';
  if (key.nullsFirst === key.descending) return text + direction;
  return `${text}${direction} NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}`;
}

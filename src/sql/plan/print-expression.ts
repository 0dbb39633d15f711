/**
 * Expressions as text, the way PostgreSQL shows them: every operator in parentheses (but for the necessary ones none in
 * pretty form), casts as `::type`, constants with their type where a reader would otherwise take them for another one.
 */
import type { ProcDesc } from '../../catalog/descriptors.js';
import type { Datum } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { TypeContext } from '../../types/type-context.js';
import { assertNever } from '../../util/assert-never.js';
import type { AggregateCall, ConstExpr, Expr, FunctionExpr, SortKey, SubplanExpr, WindowCall } from './expression.js';
import { isSimpleOperand } from './simple-operand.js';
import { sqlSyntaxCall } from './sql-syntax-call.js';

const BPCHAR_ARRAY = 1014;
const BIT_ARRAY = 1561;

/** Lines for CASE: how deep they are indented at the moment. */
export interface PrintLayout {
  /** A new line with a word; `after` moves what follows. */
  line(word: string, before: number, after: number): string;
}

export interface PrintContext {
  readonly types: TypeContext;
  quote(identifier: string): string;
  /** The text for a column; undefined: its own name, quoted. */
  column(id: number): string | undefined;
  /** `SubPlan 1`, `hashed SubPlan 2`, `$0` for plans that run once. */
  subplan(expr: SubplanExpr): string;
  /** Leaves parentheses out that the precedence of operators makes superfluous. */
  readonly pretty?: boolean;
  /** Absent: everything on one line. */
  readonly layout?: PrintLayout;
  /** The name of a function as it has to be written; absent: without its schema. */
  functionName?(proc: ProcDesc): string;
  /** Whether the column stands for the call of an aggregate or window function. */
  isCall?(id: number): boolean;
  /** The text of an expression that the printer of a query knows better; undefined: as always. */
  special?(expr: Expr): string | undefined;
}

/** The expression as a condition or output column: an implicit cast at the very outside is left out. */
export function printExpr(expr: Expr, cx: PrintContext): string {
  return isImplicitCast(expr) ? operand(castArgument(expr), expr, cx, false) : print(expr, cx);
}

/** The expression with its implicit casts. */
export function printWhole(expr: Expr, cx: PrintContext): string {
  return print(expr, cx);
}

export function isImplicitCast(expr: Expr): boolean {
  if (expr.kind === 'function') return expr.form === 'implicit cast';
  return (expr.kind === 'relabel' || expr.kind === 'coerce via io' || expr.kind === 'array coerce') && !expr.explicit;
}

function isCast(expr: Expr): boolean {
  if (expr.kind === 'function') return expr.form === 'implicit cast' || expr.form === 'explicit cast';
  return expr.kind === 'relabel' || expr.kind === 'coerce via io' || expr.kind === 'array coerce';
}

function castArgument(expr: Expr): Expr {
  if (expr.kind === 'function') return expr.args[0];
  return 'arg' in expr ? expr.arg : expr;
}

/** Operators keep their parentheses unless the form is pretty; there those who hold them decide. */
function enclose(text: string, cx: PrintContext): string {
  return cx.pretty ? text : `(${text})`;
}

/** A part of an operator or cast. */
function operand(child: Expr, parent: Expr, cx: PrintContext, showImplicit = true): string {
  const text = showImplicit ? print(child, cx) : printExpr(child, cx);
  return cx.pretty && !isSimpleOperand(child, parent) ? `(${text})` : text;
}

function print(expr: Expr, cx: PrintContext): string {
  const special = cx.special?.(expr);
  if (special !== undefined) return special;
  const list = (exprs: readonly Expr[]): string => exprs.map((e) => print(e, cx)).join(', ');
  const part = (child: Expr, showImplicit = true): string => operand(child, expr, cx, showImplicit);
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
      return isCollate(expr)
        ? enclose(`${part(expr.arg)} COLLATE ${collationName(expr, cx)}`, cx)
        : printCast(expr.arg, expr, cx);
    case 'coerce via io':
    case 'array coerce':
    case 'coerce to domain':
      return printCast(expr.arg, expr, cx);
    case 'and':
    case 'or':
      return enclose(expr.args.map((arg) => part(arg, false)).join(expr.kind === 'and' ? ' AND ' : ' OR '), cx);
    case 'not':
      return enclose(`NOT ${part(expr.arg, false)}`, cx);
    case 'null test':
      return enclose(`${part(expr.arg)} IS ${expr.negated ? 'NOT ' : ''}NULL`, cx);
    case 'boolean test':
      return enclose(`${part(expr.arg, false)} IS ${expr.negated ? 'NOT ' : ''}${truthName(expr.value)}`, cx);
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
    case 'distinct from': {
      const distinct = enclose(`${part(expr.left)} IS DISTINCT FROM ${part(expr.right)}`, cx);
      return expr.negated ? enclose(`NOT ${distinct}`, cx) : distinct;
    }
    case 'array comparison': {
      const name = expr.comparison.operator?.name ?? expr.comparison.proc.name;
      const quantifier = expr.quantifier === 'any' ? 'ANY' : 'ALL';
      return enclose(`${part(expr.comparison.args[0])} ${name} ${quantifier} (${part(expr.array)})`, cx);
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
    case 'field': {
      const arg = print(expr.arg, cx);
      const bare = expr.arg.kind === 'subscript' || expr.arg.kind === 'field';
      return `${bare ? arg : `(${arg})`}.${cx.quote(expr.name)}`;
    }
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

function collationName(expr: Expr, cx: PrintContext): string {
  return cx.types.catalog.regOut('regcollation', expr.collation);
}

/** `x COLLATE c` is bound as a change of nothing but the collation. */
function isCollate(expr: Expr & { kind: 'relabel' }): boolean {
  return expr.type === expr.arg.type && expr.typmod === expr.arg.typmod && expr.explicit;
}

function truthName(value: boolean | null): string {
  return value === null ? 'UNKNOWN' : value ? 'TRUE' : 'FALSE';
}

function printFunction(expr: FunctionExpr, cx: PrintContext): string {
  if (expr.form === 'explicit cast' || expr.form === 'implicit cast') return printCast(expr.args[0], expr, cx);
  if (expr.form === 'operator' && expr.operator !== null) {
    const args = expr.args.map((arg) => operand(arg, expr, cx));
    const { name } = expr.operator;
    return enclose(args.length === 1 ? `${name} ${args[0]}` : `${args[0]} ${name} ${args[1]}`, cx);
  }
  if (expr.form === 'sql syntax') {
    const text = sqlSyntaxCall(expr, (arg) => operand(arg, expr, cx, false));
    if (text !== undefined) return text;
  }
  return `${functionName(expr.proc, cx)}(${printArguments(expr.args, isVariadic(expr), cx)})`;
}

function functionName(proc: ProcDesc, cx: PrintContext): string {
  return cx.functionName?.(proc) ?? cx.quote(proc.name);
}

/** The arguments for a VARIADIC parameter have been made an array, unless it takes any type. */
function isVariadic({ proc, args, variadicArray }: FunctionExpr): boolean {
  return variadicArray || (proc.variadic !== 0 && proc.variadic !== oid.ANY && args.length === proc.argTypes.length);
}

function printArguments(args: readonly Expr[], variadicArray: boolean, cx: PrintContext): string {
  const texts = args.map((arg) => print(arg, cx));
  if (variadicArray && texts.length > 0) texts[texts.length - 1] = `VARIADIC ${texts[texts.length - 1]}`;
  return texts.join(', ');
}

const BARE_NAMES: Readonly<Record<number, string>> = {
  [oid.BPCHAR]: 'bpchar',
  [oid.BIT]: '"bit"',
  [BPCHAR_ARRAY]: 'bpchar[]',
  [BIT_ARRAY]: '"bit"[]',
};

/** Without a length, `character` and `bit` would mean a length of one. */
function typeLabel(type: number, typmod: number, cx: PrintContext): string {
  return (typmod < 0 ? BARE_NAMES[type] : undefined) ?? cx.types.catalog.formatType(type, typmod);
}

function printCast(arg: Expr, cast: Expr, cx: PrintContext): string {
  const name = typeLabel(cast.type, cast.typmod, cx);
  // A string literal that was only given a type looks like a typed literal.
  if (arg.kind === 'const' && arg.type === oid.UNKNOWN && arg.value !== null) {
    return `${quoteLiteral(String(arg.value))}::${name}`;
  }
  // A cast to a type with a length is two steps, of which the first is not told.
  if (cast.typmod >= 0 && arg.type === cast.type && arg.typmod < 0 && isCast(arg))
    return printCast(castArgument(arg), cast, cx);
  // The cast goes below a collation, which would be lost otherwise.
  if (arg.kind === 'relabel' && isCollate(arg) && isImplicitCast(cast))
    return enclose(`${printCast(arg.arg, cast, cx)} COLLATE ${collationName(arg, cx)}`, cx);
  return `${enclose(operand(arg, cast, cx, false), cx)}::${name}`;
}

function printConst(expr: ConstExpr, cx: PrintContext, labelled = false): string {
  const { value, type, typmod } = expr;
  const label = `::${typeLabel(type, typmod, cx)}`;
  if (labelled && type === oid.INT4 && value !== null && !String(value).startsWith('-')) return `${value}${label}`;
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
  const line = (word: string, after = 0): string => cx.layout?.line(word, 0, after) ?? word;
  const gap = cx.layout === undefined ? ' ' : '';
  let text = line('CASE', 4);
  if (expr.operand !== null) text += ` ${print(expr.operand, cx)}`;
  for (const { condition, result } of expr.branches) {
    text += `${gap}${line('WHEN ')}${printWhen(expr, condition, cx)} THEN ${print(result, cx)}`;
  }
  text += `${gap}${line('ELSE ')}${print(expr.otherwise, cx)}`;
  return `${text}${gap}${cx.layout?.line('END', -4, 0) ?? 'END'}`;
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
  const order = call.orderBy.map((key) => printOrderItem(key, cx)).join(', ');
  const name = functionName(call.proc, cx);
  if (call.aggregate.kind !== 'n') {
    return `${name}(${printArguments(call.directArgs, false, cx)}) WITHIN GROUP (ORDER BY ${order})${filter}`;
  }
  const args = call.args.length === 0 ? '*' : printArguments(call.args, call.variadicArray, cx);
  return `${name}(${call.distinct ? 'DISTINCT ' : ''}${args}${order === '' ? '' : ` ORDER BY ${order}`})${filter}`;
}

/** `window`: what stands behind OVER. */
export function printWindowCall(call: WindowCall, cx: PrintContext, window = '(?)'): string {
  const star = call.args.length === 0 && call.aggregate !== null;
  const args = star ? '*' : printArguments(call.args, call.variadicArray, cx);
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${printExpr(call.filter, cx)})`;
  return `${functionName(call.proc, cx)}(${args})${filter} OVER ${window}`;
}

/** `a`, `b DESC`, `c NULLS FIRST`: only what is not the default is said. */
export function printSortKey(key: SortKey, cx: PrintContext): string {
  return printExpr(key.expr, cx) + sortDirection(key);
}

/** An item of ORDER BY: expressions stand in parentheses that nobody may take for something else. */
export function printOrderItem(key: SortKey, cx: PrintContext): string {
  return printSortItem(key.expr, cx) + sortDirection(key);
}

/** An item of ORDER BY, GROUP BY, PARTITION BY or DISTINCT ON. A number alone would be a position. */
export function printSortItem(expr: Expr, cx: PrintContext): string {
  if (expr.kind === 'const') return printConst(expr, cx, true);
  const text = print(expr, cx);
  if (expr.kind === 'column' && cx.isCall?.(expr.id) !== true) return text;
  const call = expr.kind === 'column' || expr.kind === 'function';
  const bare = expr.kind === 'function' && expr.form === 'operator';
  return cx.pretty || (call && !bare) ? `(${text})` : text;
}

export function sortDirection(key: Pick<SortKey, 'descending' | 'nullsFirst'>): string {
  const direction = key.descending ? ' DESC' : '';
  if (key.nullsFirst === key.descending) return direction;
  return `${direction} NULLS ${key.nullsFirst ? 'FIRST' : 'LAST'}`;
}

/**
 * `left op ANY|ALL (array)`. The general way tries element after element; membership in a longer array (IN lists,
 * array parameters) is looked up in a set that is made once for an array.
 */

import type { LongCalls } from '../../sql/functions/registry.js';
import type { ArrayComparisonExpr, Expr, FunctionExpr } from '../../sql/plan/expression.js';
import { sameExpr } from '../../sql/plan/same-expr.js';
import { type Datum, PgArray } from '../../types/datum.js';
import type { GroupKey, TypeCodec } from '../../types/type-codec.js';
import { eachPart } from '../../util/task.js';
import { isOwnKey } from '../group-key.js';
import { KeyNumbers } from '../key-numbers.js';
import { asArray } from './array.js';
import type { Evaluator, ExpressionCompiler, Predicate } from './evaluator.js';
import { comparisonCode, fastComparison } from './fast-comparison.js';
import { fold } from './fold.js';
import { compileCode } from './function-call.js';
import { compileLongCall } from './long-call.js';

/** Below this many elements a loop is faster than a set. */
const HASH_FROM = 9;
/** The same for computed values: a text that has just been made is compared slowly. */
const SET_FROM = 3;
/** From this many on the set is made in slices. */
const MANY_MEMBERS = 8192;

export function compileArrayComparison(compiler: ExpressionCompiler, expr: ArrayComparisonExpr): Evaluator {
  const general = compileLoop(compiler, expr);
  const array = fold(compiler, expr.array);
  if (!canHash(expr) || !isFixed(array)) return general;
  const elements = oncePerExecution(compiler, array);
  const left = compiler.compile(expr.left);
  const codec = compiler.cx.services.types.codec(expr.left.type);
  const negated = expr.quantifier === 'all';
  const membersOf = compileMembers(compiler, array, elements, codec);
  let known: PgArray | null = null;
  let members: Datum = null;
  return (row) => {
    const value = elements(row);
    if (!(value instanceof PgArray) || value.elements.length < HASH_FROM) return general(row);
    if (value !== known) {
      members = membersOf(row);
      known = value;
    }
    if (!(members instanceof Members)) return null;
    const wanted = left(row);
    if (wanted === null) return null;
    if (members.has(codec.groupKey(wanted))) return !negated;
    return members.hasNull ? null : negated;
  };
}

/** Membership in a short list of constants as comparisons one after the other; null when there is something else to it. */
export function listPredicates(compiler: ExpressionCompiler, expr: ArrayComparisonExpr): Predicate[] | null {
  const { array, comparison, left } = expr;
  const [first, second] = comparison.args;
  if (expr.quantifier !== 'any' || array.kind !== 'array' || array.multidimensional) return null;
  if (array.elements.length >= HASH_FROM || second.kind !== 'column' || second.id !== expr.elementColumn) return null;
  if (!sameExpr(first, left)) return null;
  const values = array.elements.map((element) => fold(compiler, element));
  if (left.kind !== 'column') return computedInList(compiler, comparison, left, values);
  const predicates = values.map((value) => {
    return value.kind === 'const' ? fastComparison(compiler, { ...comparison, args: [first, value] }) : null;
  });
  return predicates.every((predicate) => predicate !== null) ? predicates : null;
}

/** The same for an expression that is worth computing once only. */
function computedInList(
  compiler: ExpressionCompiler,
  { proc, operator }: FunctionExpr,
  left: Expr,
  values: readonly Expr[],
): Predicate[] | null {
  const equals = comparisonCode(proc.source);
  if (equals === undefined || !values.every((value) => value.kind === 'const')) return null;
  const list = values.flatMap((value) => (value.value === null ? [] : [value.value]));
  const evaluate = compiler.compile(left);
  if (operator?.restrict === 'eqsel' && list.length >= SET_FROM && isOwnKey(left.type)) {
    const members = new Set<Datum>(list);
    return [(row) => members.has(evaluate(row))];
  }
  return [
    (row) => {
      const wanted = evaluate(row);
      if (wanted === null) return false;
      for (let i = 0; i < list.length; i++) if (equals(wanted, list[i])) return true;
      return false;
    },
  ];
}

/** Whether an expression has one value throughout an execution. */
function isFixed(expr: Expr): boolean {
  switch (expr.kind) {
    case 'const':
    case 'param':
      return true;
    case 'relabel':
    case 'coerce via io':
      return isFixed(expr.arg);
    case 'array':
      return expr.elements.every(isFixed);
    case 'function':
      return expr.proc.volatility !== 'v' && !expr.proc.returnsSet && expr.args.every(isFixed);
    default:
      return false;
  }
}

/** The elements of an array as they are looked up. */
class Members {
  private readonly keys = new KeyNumbers();
  hasNull = false;

  constructor(private readonly codec: TypeCodec) {}

  add(elements: readonly Datum[], from: number, to: number): boolean {
    for (let i = from; i < to; i++) {
      const element = elements[i];
      if (element === null) this.hasNull = true;
      else this.keys.number(this.codec.groupKey(element));
    }
    return true;
  }

  has(key: GroupKey): boolean {
    return this.keys.find(key) >= 0;
  }
}

/** The members of the array, in slices where it is long. */
function compileMembers(compiler: ExpressionCompiler, array: Expr, elements: Evaluator, codec: TypeCodec): Evaluator {
  const atOnce = (value: Datum): Datum => {
    const members = new Members(codec);
    if (value instanceof PgArray) members.add(value.elements, 0, value.elements.length);
    return members;
  };
  if (!compiler.cx.mayWait) {
    return (row) => atOnce(elements(row));
  }
  const long: LongCalls = {
    isLong: ([value]) => value instanceof PgArray && value.elements.length > MANY_MEMBERS,
    *run([value]) {
      const members = new Members(codec);
      if (value instanceof PgArray) {
        yield* eachPart(value.elements.length, (from, to) => members.add(value.elements, from, to));
      }
      return members;
    },
  };
  return compileLongCall(compiler, [array], true, atOnce, long, [elements]);
}

/** The value for this execution. */
function oncePerExecution(compiler: ExpressionCompiler, expr: Expr): Evaluator {
  const { cx } = compiler;
  const evaluate = compiler.compile(expr);
  if (expr.kind === 'const' || expr.kind === 'param') return evaluate;
  let execution = -1;
  let value: Datum = null;
  return (row) => {
    if (execution !== cx.execution) {
      value = evaluate(row);
      execution = cx.execution;
    }
    return value;
  };
}

/** `= ANY` and `<> ALL` over one type, with a strict operator whose equality is the type's own. */
function canHash(expr: ArrayComparisonExpr): boolean {
  const { comparison, quantifier, left } = expr;
  const { operator, proc } = comparison;
  if (operator === null || !proc.strict || operator.left !== operator.right) return false;
  const [first, second] = comparison.args;
  if (first.kind === 'function' || second.kind !== 'column' || left.type !== second.type) return false;
  return quantifier === 'any' ? operator.name === '=' && operator.canHash : operator.name === '<>';
}

function compileLoop(compiler: ExpressionCompiler, expr: ArrayComparisonExpr): Evaluator {
  const [first, second] = expr.comparison.args;
  const left = compiler.compile(first);
  const array = compiler.compile(expr.array);
  const cell = compiler.cx.cell(expr.elementColumn);
  const element = second.kind === 'column' && second.id === expr.elementColumn ? null : compiler.compile(second);
  const compare = compileCode(compiler, expr.comparison);
  const decisive = expr.quantifier === 'any';
  return (row) => {
    const value = left(row);
    const candidates = asArray(array(row));
    if (candidates === null) return null;
    let result: Datum = !decisive;
    for (let i = 0; i < candidates.elements.length; i++) {
      cell.value = candidates.elements[i];
      const matches = compare(value, element === null ? cell.value : element(row));
      if (matches === decisive) return decisive;
      if (matches === null) result = null;
    }
    return result;
  };
}

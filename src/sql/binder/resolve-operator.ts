/** Operators: lookup by name and operand types, and the bound call (documentation, 10.2). */
import type { OperatorDesc } from '../../catalog/descriptors.js';
import * as oid from '../../types/oids.js';
import type { Expr, FunctionExpr } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';
import { matchingCandidates, selectCandidate } from './candidates.js';
import { coerce } from './coercion.js';
import { baseType } from './coercion-pathway.js';
import { commonCollation, inputCollation } from './derive-collation.js';
import { resolvePolymorphic } from './polymorphism.js';

interface OperatorCandidate {
  readonly argTypes: readonly number[];
  readonly operator: OperatorDesc;
}

/** The namespace OID for a qualified operator name, null for none. @throws 3F000 */
function namespaceOf(cx: BindContext, schema: string | null, location: number): number | null {
  if (schema === null) return null;
  const namespace = cx.catalog.namespaceByName(schema);
  if (namespace === undefined) throw cx.error('invalid_schema_name', `schema "${schema}" does not exist`, location);
  return namespace.oid;
}

/** `left` is null for a prefix operator. @throws 42883 / 42725 with PostgreSQL's hints */
export function resolveOperator(
  cx: BindContext,
  name: string,
  schema: string | null,
  left: number | null,
  right: number,
  location: number,
): OperatorDesc {
  const found = findOperator(cx, name, schema, left, right, location);
  if (found === 'ambiguous') {
    throw cx.error('ambiguous_function', `operator is not unique: ${signature(cx, name, left, right)}`, location, {
      hint: 'Could not choose a best candidate operator. You might need to add explicit type casts.',
    });
  }
  if (found === null) {
    throw cx.error('undefined_function', `operator does not exist: ${signature(cx, name, left, right)}`, location, {
      hint:
        left === null
          ? 'No operator matches the given name and argument type. You might need to add an explicit type cast.'
          : 'No operator matches the given name and argument types. You might need to add explicit type casts.',
    });
  }
  return found;
}

function signature(cx: BindContext, name: string, left: number | null, right: number): string {
  return left === null ? `${name} ${cx.formatType(right)}` : `${cx.formatType(left)} ${name} ${cx.formatType(right)}`;
}

export function findOperator(
  cx: BindContext,
  name: string,
  schema: string | null,
  left: number | null,
  right: number,
  location = -1,
): OperatorDesc | 'ambiguous' | null {
  const kind = left === null ? 'l' : 'b';
  const operators = cx.catalog
    .operatorsByName(name, namespaceOf(cx, schema, location))
    .filter((operator) => operator.kind === kind);
  const exact = exactOperator(cx, operators, left, right);
  if (exact !== null) return exact;
  const actual = left === null ? [right] : [left, right];
  const candidates: OperatorCandidate[] = operators.map((operator) => ({
    operator,
    argTypes: left === null ? [operator.right] : [operator.left, operator.right],
  }));
  const matching = matchingCandidates(cx, actual, candidates);
  if (matching.length === 0) return null;
  if (matching.length === 1) return matching[0].operator;
  return selectCandidate(cx, actual, matching)?.operator ?? 'ambiguous';
}

/** An unknown operand is first taken to have the other operand's type; domains are then looked through. */
function exactOperator(
  cx: BindContext,
  operators: readonly OperatorDesc[],
  left: number | null,
  right: number,
): OperatorDesc | null {
  const same = (l: number, r: number) =>
    operators.find((operator) => operator.left === l && operator.right === r) ?? null;
  if (left === null) return same(0, right) ?? same(0, baseType(cx, right));
  let l = left;
  let r = right;
  if (l === oid.UNKNOWN && r !== oid.UNKNOWN) l = r;
  else if (r === oid.UNKNOWN && l !== oid.UNKNOWN) r = l;
  const found = same(l, r);
  if (found !== null || left === oid.UNKNOWN || right === oid.UNKNOWN) {
    if (found !== null) return found;
    const base = baseType(cx, l);
    return base !== l ? same(base, base) : null;
  }
  return null;
}

/** Binds `left op right` (or `op right`). */
export function bindOperator(
  cx: BindContext,
  name: string,
  schema: string | null,
  left: Expr | null,
  right: Expr,
  location: number,
): FunctionExpr {
  const operator = resolveOperator(cx, name, schema, left?.type ?? null, right.type, location);
  return makeOperatorCall(cx, operator, left, right, location);
}

export function makeOperatorCall(
  cx: BindContext,
  operator: OperatorDesc,
  left: Expr | null,
  right: Expr,
  location: number,
): FunctionExpr {
  const proc = operator.code === 0 ? undefined : cx.catalog.proc(operator.code);
  if (proc === undefined) {
    throw cx.error(
      'undefined_function',
      `operator is only a shell: ${signature(cx, operator.name, left?.type ?? null, right.type)}`,
      location,
    );
  }
  const operands = left === null ? [right] : [left, right];
  const declared = left === null ? [operator.right] : [operator.left, operator.right];
  const settled = resolvePolymorphic(
    cx,
    operands.map((operand) => operand.type),
    declared,
    operator.result,
  );
  const args = operands.map((operand, i) => coerce(cx, operand, settled.args[i], -1, 'implicit'));
  const known = inputCollation(cx, proc.source, args);
  const collated = known === undefined ? {} : { inputCollation: known };
  return {
    kind: 'function',
    proc,
    args,
    variadicArray: false,
    operator,
    form: 'operator',
    type: settled.result,
    typmod: -1,
    collation: commonCollation(cx, args, settled.result),
    location,
    ...collated,
  };
}

/**
 * The bound equality (or another btree comparison) of two expressions under the default operator class, for
 * DISTINCT, IN, USING, CASE and the like, which use the operator of that name.
 */
export function bindComparison(cx: BindContext, name: string, left: Expr, right: Expr, location: number): FunctionExpr {
  return bindOperator(cx, name, null, left, right, location);
}

/** Whether values of the type can be hashed and compared for equality by their codec. */
export function isComparable(cx: BindContext, type: number): boolean {
  return cx.catalog.defaultOpclass(baseType(cx, type), 'btree') !== undefined;
}

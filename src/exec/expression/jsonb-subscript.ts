/** Subscripts of jsonb: reading is a path extraction; assignment is jsonb_set, on an empty container where there is none. */
import { notSupported, sqlError } from '../../errors/sql-error.js';
import type { SubscriptExpr } from '../../sql/plan/expression.js';
import { type Datum, PgArray, type Row } from '../../types/datum.js';
import { EMPTY_ARRAY, EMPTY_OBJECT, JSON_NULL } from '../../types/json/jsonb.js';
import * as oid from '../../types/oids.js';
import { CallSite } from './call-site.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';

export function compileJsonbSubscript(compiler: ExpressionCompiler, expr: SubscriptExpr): Evaluator {
  const arg = compiler.compile(expr.arg);
  const path = compilePath(compiler, expr);
  const extract = registered(compiler, 'jsonb_extract_path');
  if (expr.assign === null) {
    return (row) => {
      const value = arg(row);
      const keys = path(row);
      return value === null || keys === null ? null : extract(value, keys);
    };
  }
  const assign = compiler.compile(expr.assign);
  const set = registered(compiler, 'jsonb_set');
  const first = expr.subscripts[0]?.upper?.type === oid.INT4 ? EMPTY_ARRAY : EMPTY_OBJECT;
  return (row) => {
    const keys = path(row);
    if (keys === null) {
      throw sqlError('null_value_not_allowed', 'jsonb subscript in assignment must not be null');
    }
    return set(arg(row) ?? first, keys, assign(row) ?? JSON_NULL, true);
  };
}

/** The subscripts as a text array, or null when one of them is NULL. */
function compilePath(compiler: ExpressionCompiler, expr: SubscriptExpr): (row: Row) => PgArray | null {
  const parts = expr.subscripts.map(({ upper }) => (upper === null ? () => null : compiler.compile(upper)));
  return (row) => {
    const keys: string[] = [];
    for (const part of parts) {
      const key = part(row);
      if (key === null) return null;
      keys.push(String(key));
    }
    return PgArray.of(oid.TEXT, keys);
  };
}

function registered(compiler: ExpressionCompiler, source: string): (...args: Datum[]) => Datum {
  const { services } = compiler.cx;
  const entry = services.functions.get(source);
  if (entry === undefined || entry.kind === 'set') throw notSupported(`function ${source}`);
  if (entry.kind === 'plain') return entry.call;
  const site = new CallSite(services, {
    argTypes: [oid.JSONB, oid.TEXT_ARRAY],
    argTypmods: [-1, -1],
    resultType: oid.JSONB,
    variadicArray: true,
  });
  return (...args) => entry.call(site, ...args);
}

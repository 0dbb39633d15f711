/**
 * CURRENT_DATE, CURRENT_TIMESTAMP(3), CURRENT_USER and their kin. The time ones are conversions of the transaction's
 * start, made by the functions of the casts.
 */
import { notSupported } from '../../errors/sql-error.js';
import type { SqlValueExpr } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { assertNever } from '../../util/assert-never.js';
import type { ExecServices } from '../exec-context.js';
import { CallSite } from './call-site.js';
import type { Evaluator, ExpressionCompiler } from './evaluator.js';

export function compileSqlValue(compiler: ExpressionCompiler, expr: SqlValueExpr): Evaluator {
  const { services } = compiler.cx;
  switch (expr.op) {
    case 'current_date':
      return fromTransactionTime(services, expr, 'timestamptz_date', null);
    case 'current_time':
      return fromTransactionTime(services, expr, 'timestamptz_timetz', 'timetz_scale');
    case 'current_timestamp':
      return fromTransactionTime(services, expr, null, 'timestamptz_scale');
    case 'localtime':
      return fromTransactionTime(services, expr, 'timestamptz_time', 'time_scale');
    case 'localtimestamp':
      return fromTransactionTime(services, expr, 'timestamptz_timestamp', 'timestamp_scale');
    case 'current_role':
    case 'current_user':
    case 'user':
      return () => services.session.currentUser;
    case 'session_user':
      return () => services.session.sessionUser;
    case 'current_catalog':
      return () => services.session.database;
    case 'current_schema':
      return () => services.session.searchPath(false)[0] ?? null;
    default:
      return assertNever(expr.op);
  }
}

function fromTransactionTime(
  services: ExecServices,
  expr: SqlValueExpr,
  conversion: string | null,
  scale: string | null,
): Evaluator {
  const convert = conversion === null ? null : registered(services, conversion, oid.TIMESTAMPTZ, expr.type);
  const round = scale === null || expr.typmod < 0 ? null : registered(services, scale, expr.type, expr.type);
  const { typmod } = expr;
  return () => {
    const now = services.types.transactionTimestamp;
    const value = convert === null ? now : convert(now);
    return round === null ? value : round(value, typmod);
  };
}

function registered(
  services: ExecServices,
  source: string,
  argType: number,
  type: number,
): (...args: Datum[]) => Datum {
  const entry = services.functions.get(source);
  if (entry === undefined || entry.kind === 'set') throw notSupported(`function ${source}`);
  if (entry.kind === 'plain') return entry.call;
  const site = new CallSite(services, {
    argTypes: [argType],
    argTypmods: [-1],
    resultType: type,
    variadicArray: false,
  });
  return (...args) => entry.call(site, ...args);
}

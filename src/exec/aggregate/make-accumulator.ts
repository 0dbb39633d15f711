/** Which accumulator an aggregate call gets. */
import type { ProcDesc } from '../../catalog/descriptors.js';
import type { AggregateCall } from '../../sql/plan/expression.js';
import * as oid from '../../types/oids.js';
import type { ExecServices } from '../exec-context.js';
import { valueComparator } from '../row-order.js';
import type { Accumulator, AccumulatorInput } from './accumulator.js';
import { CountRows, CountValues, Extreme, FloatTotals, SumIntegers } from './fast-accumulators.js';
import { IntegerTotals, NumericTotals } from './numeric-accumulators.js';
import { PG_CATALOG } from './pg-catalog.js';
import { type AggregateUse, aggregateCode, TransitionAccumulator } from './transition-accumulator.js';

/** An accumulator for arguments that are given as they come: DISTINCT and ORDER BY are the caller's business. */
export function makeAccumulator(services: ExecServices, call: AggregateUse, input: AccumulatorInput): Accumulator {
  return fastAccumulator(services, call, input) ?? new TransitionAccumulator(aggregateCode(services, call), input);
}

function fastAccumulator(services: ExecServices, call: AggregateUse, input: AccumulatorInput): Accumulator | null {
  const { proc } = call;
  const { filter, args } = input;
  if (proc.namespace !== PG_CATALOG || args.length > 1) return null;
  if (proc.name === 'count') return args.length === 0 ? new CountRows(filter) : new CountValues(args[0], filter);
  if (args.length === 0) return null;
  const [arg] = args;
  const type = proc.argTypes[0];
  switch (proc.name) {
    case 'sum':
      if (type === oid.INT2 || type === oid.INT4) return new SumIntegers(arg, filter);
      if (type === oid.INT8) return new IntegerTotals(arg, filter, false);
      if (type === oid.NUMERIC) return new NumericTotals(arg, filter, false, input.scaled);
      return type === oid.FLOAT8 ? new FloatTotals(arg, filter, false) : null;
    case 'avg':
      if (type === oid.INT2 || type === oid.INT4 || type === oid.INT8) return new IntegerTotals(arg, filter, true);
      if (type === oid.NUMERIC) return new NumericTotals(arg, filter, true, input.scaled);
      return type === oid.FLOAT8 || type === oid.FLOAT4 ? new FloatTotals(arg, filter, true) : null;
    case 'min':
    case 'max':
      return new Extreme(arg, filter, keeps(services, call), proc.name === 'min');
    default:
      return null;
  }
}

function keeps(services: ExecServices, call: AggregateUse): ConstructorParameters<typeof Extreme>[2] {
  const compare = valueComparator(services.types, call.args[0]);
  return call.proc.name === 'min'
    ? (best, value) => compare(best, value) < 0
    : (best, value) => compare(best, value) > 0;
}

/** Whether the order in which values come, or their number of repetitions, makes no difference. */
export function ignoresOrder(call: AggregateCall): boolean {
  return isBuiltin(call.proc) && (call.proc.name === 'count' || call.proc.name === 'min' || call.proc.name === 'max');
}

function isBuiltin(proc: ProcDesc): boolean {
  return proc.namespace === PG_CATALOG;
}

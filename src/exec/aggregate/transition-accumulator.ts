/** Any aggregate, through its transition and final functions. */
import type { ProcDesc } from '../../catalog/descriptors.js';
import { sqlError } from '../../errors/sql-error.js';
import type { LongCalls } from '../../sql/functions/registry.js';
import type { AggregateCall, WindowCall } from '../../sql/plan/expression.js';
import type { Datum, Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { ExecServices } from '../exec-context.js';
import type { CallTypes } from '../expression/call-site.js';
import { type Code, functionCode, longCalls } from '../expression/function-code.js';
import { rowBytes, SLOT_BYTES, valueBytes } from '../value-size.js';
import { Accumulator, type AccumulatorInput } from './accumulator.js';

/** The functions of an aggregate, and what a call of it starts from. */
export interface AggregateCode {
  readonly transition: Code;
  readonly transitionStrict: boolean;
  readonly final: Code | null;
  readonly finalStrict: boolean;
  /** How the final function is called where its state is large. */
  readonly finalLong: LongCalls | undefined;
  /** NULL arguments that the final function gets besides the state (and direct arguments). */
  readonly finalExtra: number;
  readonly initial: Datum;
  /** Whether the state keeps its arguments, so that it grows with every row. */
  readonly growing: boolean;
}

const GROWING_TRANSITIONS = new Set([
  'array_agg_transfn',
  'array_agg_array_transfn',
  'string_agg_transfn',
  'bytea_string_agg_transfn',
  'json_agg_transfn',
  'jsonb_agg_transfn',
  'json_object_agg_transfn',
  'jsonb_object_agg_transfn',
  'range_agg_transfn',
  'multirange_agg_transfn',
]);

export type AggregateUse = Pick<AggregateCall, 'args' | 'transitionType' | 'type' | 'variadicArray' | 'proc'> & {
  readonly aggregate: AggregateCall['aggregate'];
  readonly directArgs?: AggregateCall['directArgs'];
};

export function aggregateUse(call: WindowCall): AggregateUse {
  if (call.aggregate === null) throw new Error(`${call.proc.name} is not an aggregate`);
  return { ...call, aggregate: call.aggregate };
}

function procOf(services: ExecServices, oid: number): ProcDesc {
  const proc = services.catalog.proc(oid);
  if (proc === undefined) throw sqlError('internal_error', `cache lookup failed for function ${oid}`);
  return proc;
}

export function aggregateCode(services: ExecServices, use: AggregateUse): AggregateCode {
  const { aggregate, transitionType, type, variadicArray } = use;
  const types = use.args.map((arg) => arg.type);
  const typmods = use.args.map((arg) => arg.typmod);
  const direct = use.directArgs ?? [];
  const transition = procOf(services, aggregate.transition);
  const final = aggregate.final === 0 ? null : procOf(services, aggregate.final);
  const finalTypes = (): CallTypes => ({
    argTypes: [transitionType, ...direct.map((arg) => arg.type), ...types],
    argTypmods: [-1, ...direct.map((arg) => arg.typmod), ...typmods],
    resultType: type,
    variadicArray,
  });
  return {
    transition: functionCode(services, transition, {
      argTypes: [transitionType, ...types],
      argTypmods: [-1, ...typmods],
      resultType: transitionType,
      variadicArray,
      collation: use.args.length === 1 ? use.args[0].collation : undefined,
    }),
    transitionStrict: transition.strict,
    final: final === null ? null : functionCode(services, final, finalTypes()),
    finalStrict: final?.strict ?? false,
    finalLong: final === null ? undefined : longCalls(services, final, finalTypes),
    finalExtra: aggregate.finalExtra ? types.length : 0,
    initial:
      aggregate.initial === null
        ? null
        : services.types.codec(transitionType).parse(aggregate.initial, services.types, -1),
    growing: GROWING_TRANSITIONS.has(transition.name),
  };
}

export function finalValue(code: AggregateCode, state: Datum, direct: readonly Datum[]): Datum {
  if (code.final === null) return state;
  if (code.finalStrict && (state === null || direct.includes(null) || code.finalExtra > 0)) return null;
  if (direct.length === 0 && code.finalExtra === 0) return code.final(state);
  return code.final(...finalArguments(code, state, direct));
}

function finalArguments({ finalExtra }: AggregateCode, state: Datum, direct: readonly Datum[]): Datum[] {
  return [state, ...direct, ...new Array<null>(finalExtra).fill(null)];
}

export class TransitionAccumulator extends Accumulator {
  private states: Datum[] = [];
  /** Whether the state has a value of its own; before that a strict function's first argument becomes it. */
  private started: boolean[] = [];
  /** A result that was made in slices. */
  private prepared: { readonly group: number; readonly value: Datum } | null = null;

  constructor(
    private readonly code: AggregateCode,
    private readonly input: AccumulatorInput,
    /** Direct arguments of the group that is asked for. */
    private readonly direct: (group: number) => readonly Datum[] = () => [],
  ) {
    super();
  }

  addGroup(): void {
    this.states.push(this.code.initial);
    this.started.push(this.code.initial !== null);
  }

  accumulate(rows: readonly Row[], groups: Int32Array, from: number, to: number): void {
    const { filter, args } = this.input;
    this.prepared = null;
    const single = args.length === 1 ? args[0] : null;
    for (let i = from; i < to; i++) {
      const row = rows[i];
      if (filter !== null && !filter(row)) continue;
      if (single !== null) this.step(groups[i], single(row));
      else
        this.stepMany(
          groups[i],
          args.map((arg) => arg(row)),
        );
    }
  }

  private step(group: number, value: Datum): void {
    const { code, states } = this;
    if (code.transitionStrict) {
      if (value === null) return;
      if (states[group] === null) {
        this.startStrict(group, value);
        return;
      }
    }
    states[group] = code.transition(states[group], value);
    if (code.growing) this.held += 2 * SLOT_BYTES + valueBytes(value);
  }

  private stepMany(group: number, values: Row): void {
    const { code, states } = this;
    if (code.transitionStrict) {
      if (values.includes(null)) return;
      if (states[group] === null && values.length > 0) {
        this.startStrict(group, values[0]);
        return;
      }
    }
    states[group] = code.transition(states[group], ...values);
    if (code.growing) this.held += rowBytes(values);
  }

  /** A state that has become NULL stays so. */
  private startStrict(group: number, value: Datum): void {
    if (this.started[group]) return;
    this.started[group] = true;
    this.states[group] = value;
  }

  override isLong(group: number): boolean {
    const { finalLong, finalStrict } = this.code;
    if (finalLong === undefined || this.prepared?.group === group) return false;
    const state = this.states[group];
    return state !== null && !finalStrict && finalLong.isLong([state]);
  }

  override *prepare(group: number): Task<void> {
    const { code } = this;
    const args = finalArguments(code, this.states[group], this.direct(group));
    if (code.finalLong !== undefined) this.prepared = { group, value: yield* code.finalLong.run(args) };
  }

  result(group: number): Datum {
    if (this.prepared?.group === group) return this.prepared.value;
    return finalValue(this.code, this.states[group], this.direct(group));
  }

  clear(): void {
    this.states = [];
    this.started = [];
    this.prepared = null;
  }
}

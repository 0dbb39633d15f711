/**
 * The triggers of a table that a statement writes. Triggers before a row may change the row or have it passed over; those after
 * rows are queued and run when the statement has written everything (statement-checks.ts), constraint triggers that are
 * deferred at the end of the transaction. The functions are the session's to run (`Routines.runTrigger`).
 */
import type { RelationDesc, TriggerDesc, TriggerEvent } from '../../catalog/descriptors.js';
import { notSupported, sqlError } from '../../errors/sql-error.js';
import type { TargetTrigger, WriteTarget } from '../../sql/plan/plan-node.js';
import { type Datum, PgRecord, type Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import { type DeferrableCheck, DeferredChecks } from '../deferred-checks.js';
import type { ExecContext, ExecServices, TriggerCall } from '../exec-context.js';
import { Compiler } from '../expression/compile.js';
import type { Evaluator, Predicate } from '../expression/evaluator.js';
import { LaterEvents, StatementChecks } from '../statement-checks.js';
import { evaluateFor } from '../write-operator.js';

/** Rows are in the table's layout; an event has an old row, a new one, or both. */
interface FiredTrigger {
  readonly trigger: TriggerDesc;
  readonly when: Predicate | null;
}

const SUPPRESS_REDUNDANT = 'suppress_redundant_updates_trigger';

export class TableTriggers {
  private readonly relation: RelationDesc;
  private readonly statement: StatementChecks;
  private readonly live: readonly number[];
  private readonly generated: readonly { readonly slot: number; readonly value: Evaluator }[];
  private readonly fired: readonly FiredTrigger[];
  private pending: LaterEvents | null = null;
  private readonly calls = new Map<string, DeferrableCheck>();

  /** Null where the table has no triggers that fire. */
  static of(cx: ExecContext, target: WriteTarget): TableTriggers | null {
    const enabled = target.triggers.filter(({ trigger }) => isEnabled(cx.services, trigger));
    return enabled.length === 0 ? null : new TableTriggers(cx, target, enabled);
  }

  private constructor(
    private readonly cx: ExecContext,
    target: WriteTarget,
    triggers: readonly TargetTrigger[],
  ) {
    this.relation = target.relation;
    this.statement = StatementChecks.of(cx);
    this.live = liveSlots(target.relation);
    const compiler = new Compiler(cx, target.columns);
    this.generated = target.generated.map(({ slot, expr }) => ({ slot, value: compiler.compile(expr) }));
    this.fired = triggers.map(({ trigger, when }) => ({
      trigger,
      when: when === null ? null : new Compiler(cx, [...when.old, ...when.new]).predicate(when.expr),
    }));
  }

  /** Whether there are triggers of that kind, which is what makes the slow way of writing necessary. */
  fires(event: TriggerEvent, timing: TriggerDesc['timing'], level: TriggerDesc['level'] = 'ROW'): boolean {
    return this.fired.some(
      ({ trigger }) => trigger.timing === timing && trigger.level === level && trigger.events.includes(event),
    );
  }

  /** Statement-level triggers before the event. `changed`: attribute numbers that an UPDATE sets. */
  *beforeStatement(event: TriggerEvent, changed: readonly number[]): Task<void> {
    for (const { trigger, when } of this.matching(event, 'BEFORE', 'STATEMENT', changed)) {
      if (when === null || (yield* evaluateFor(when, this.bothRows(null, null)))) {
        yield* this.call(trigger, event, null, null);
      }
    }
  }

  /** Queues the statement-level triggers after the event. */
  afterStatement(event: TriggerEvent, changed: readonly number[]): void {
    for (const { trigger, when } of this.matching(event, 'AFTER', 'STATEMENT', changed)) {
      this.statement.add({ run: () => this.runAfterStatement(trigger, when, event) });
    }
  }

  private *runAfterStatement(trigger: TriggerDesc, when: Predicate | null, event: TriggerEvent): Task<void> {
    if (when === null || (yield* evaluateFor(when, this.bothRows(null, null)))) {
      yield* this.call(trigger, event, null, null);
    }
  }

  /** The row as the triggers before the event leave it (for a deletion the old one); null: nothing is to be done. */
  *beforeRow(event: TriggerEvent, old: Row | null, fresh: Row | null, changed: readonly number[]): Task<Row | null> {
    // Generated columns are computed behind the triggers.
    let row = fresh === null ? null : this.withoutGenerated(fresh);
    for (const { trigger, when } of this.matching(event, 'BEFORE', 'ROW', changed)) {
      if (when !== null && !(yield* evaluateFor(when, this.bothRows(old, row)))) continue;
      const result = yield* this.call(trigger, event, old, row);
      if (result === null) return null;
      if (row !== null) row = this.stored(result, row);
    }
    return row === null ? old : yield* this.withGenerated(row);
  }

  /** INSTEAD OF triggers of a view: null when one of them passes the row over. */
  *insteadOf(event: TriggerEvent, old: Row | null, fresh: Row | null): Task<Row | null> {
    let row = fresh;
    for (const { trigger } of this.matching(event, 'INSTEAD OF', 'ROW', [])) {
      const result = yield* this.call(trigger, event, old, row);
      if (result === null) return null;
      if (row !== null) row = this.stored(result, row);
    }
    return row ?? old;
  }

  /** Queues the triggers after a row's event. Their conditions are looked at now. */
  *afterRow(event: TriggerEvent, old: Row | null, fresh: Row | null, changed: readonly number[]): Task<void> {
    for (const { trigger, when } of this.matching(event, 'AFTER', 'ROW', changed)) {
      if (when !== null && !(yield* evaluateFor(when, this.bothRows(old, fresh)))) continue;
      const call = this.callOf(trigger, event);
      if (this.isDeferred(trigger)) {
        DeferredChecks.of(this.cx.transaction).add(call, 0, old, fresh);
        continue;
      }
      // Work that has begun takes in no more.
      if (this.pending === null || this.statement.last !== this.pending) {
        this.pending = new LaterEvents(this.cx);
        this.statement.add(this.pending);
      }
      this.pending.add(call, 0, old, fresh);
    }
  }

  /** Whether its calls wait for the end of the transaction. */
  private isDeferred({ constraint, initiallyDeferred }: TriggerDesc): boolean {
    return constraint !== 0 && DeferredChecks.of(this.cx.transaction).isDeferred(constraint, initiallyDeferred);
  }

  private callOf(trigger: TriggerDesc, event: TriggerEvent): DeferrableCheck {
    const name = `${event} ${trigger.oid}`;
    let found = this.calls.get(name);
    if (found === undefined) {
      const call = this.call.bind(this);
      found = {
        constraint: trigger.constraint,
        table: this.relation.oid,
        initiallyDeferred: trigger.initiallyDeferred,
        *check(_, { old, row }) {
          yield* call(trigger, event, old, row);
        },
      };
      this.calls.set(name, found);
    }
    return found;
  }

  private matching(
    event: TriggerEvent,
    timing: TriggerDesc['timing'],
    level: TriggerDesc['level'],
    changed: readonly number[],
  ): readonly FiredTrigger[] {
    return this.fired.filter(
      ({ trigger }) =>
        trigger.timing === timing &&
        trigger.level === level &&
        trigger.events.includes(event) &&
        (event !== 'UPDATE' ||
          trigger.columns.length === 0 ||
          trigger.columns.some((number) => changed.includes(number))),
    );
  }

  private bothRows(old: Row | null, fresh: Row | null): Row {
    const none = (): Datum[] => this.relation.attributes.map(() => null);
    return [...(old ?? none()), ...(fresh ?? none())];
  }

  private *call(trigger: TriggerDesc, event: TriggerEvent, old: Row | null, fresh: Row | null): Task<Datum[] | null> {
    const { relation, live, cx } = this;
    const pick = (row: Row | null): Datum[] | null => (row === null ? null : live.map((slot) => row[slot]));
    return yield* callTrigger(cx.services, relation, trigger, event, pick(old), pick(fresh), () =>
      cx.transaction.nextCommand(),
    );
  }

  /** The values that a trigger has returned, in the layout of the table. */
  private stored(values: readonly Datum[], like: Row): Row {
    const row = like.slice();
    this.live.forEach((slot, i) => {
      row[slot] = values[i];
    });
    return row;
  }

  private withoutGenerated(row: Row): Row {
    const copy = row.slice();
    for (const { slot } of this.generated) copy[slot] = null;
    return copy;
  }

  private *withGenerated(row: Row): Task<Row> {
    for (const { slot, value } of this.generated) row[slot] = yield* evaluateFor(value, row);
    return row;
  }
}

function liveSlots({ attributes }: RelationDesc): number[] {
  return attributes.flatMap((attribute, slot) => (attribute.dropped ? [] : [slot]));
}

/** By session_replication_role. */
export function isEnabled({ session }: ExecServices, { enabled }: TriggerDesc): boolean {
  if (enabled === 'A') return true;
  return enabled === (session.getSetting('session_replication_role') === 'replica' ? 'R' : 'O');
}

/** Rows, and the result, hold the columns that are not dropped. */
export function* callTrigger(
  services: ExecServices,
  relation: RelationDesc,
  trigger: TriggerDesc,
  event: TriggerEvent,
  old: Row | null,
  fresh: Row | null,
  nextCommand: () => void,
): Task<Datum[] | null> {
  const proc = services.catalog.proc(trigger.function);
  if (proc === undefined) throw sqlError('undefined_function', `function with OID ${trigger.function} does not exist`);
  if (proc.source === SUPPRESS_REDUNDANT) return redundant(services, relation, old, fresh) ? null : [...(fresh ?? [])];
  const run = services.routines?.runTrigger?.bind(services.routines);
  if (run === undefined || services.routines?.runs(proc) !== true)
    throw notSupported(`trigger function ${proc.name}()`);
  const call: TriggerCall = {
    name: trigger.name,
    when: trigger.timing,
    level: trigger.level,
    op: event,
    relation,
    schema: services.catalog.namespace(relation.namespace)?.name ?? '',
    args: trigger.args,
    old,
    new: fresh,
  };
  // The function's statements see what the statement has done so far.
  nextCommand();
  const record = yield* run(proc, call);
  nextCommand();
  if (!(record instanceof PgRecord)) return null;
  requireStructure(services, relation, record);
  return [...record.values];
}

/** @throws SqlError 42804 for a record that is no row of the table */
function requireStructure(services: ExecServices, relation: RelationDesc, record: PgRecord): void {
  const live = relation.attributes.filter((attribute) => !attribute.dropped);
  const name = (type: number): string => services.types.catalog.formatType(type, -1);
  const wrong = live.findIndex((attribute, i) => attribute.type !== record.fieldTypes[i]);
  if (wrong < 0 && record.values.length === live.length) return;
  const detail =
    record.values.length !== live.length
      ? `Number of returned columns (${record.values.length}) does not match expected column count (${live.length}).`
      : `Returned type ${name(record.fieldTypes[wrong])} does not match expected type ${name(live[wrong].type)} in column ${wrong + 1}.`;
  throw sqlError('datatype_mismatch', 'returned row structure does not match the structure of the triggering table', {
    detail,
  });
}

/** Whether an update changes nothing. */
function redundant(services: ExecServices, relation: RelationDesc, old: Row | null, fresh: Row | null): boolean {
  if (old === null || fresh === null) return false;
  const types = relation.attributes.filter((attribute) => !attribute.dropped).map((attribute) => attribute.type);
  return types.every((type, i) => {
    const [a, b] = [old[i], fresh[i]];
    return a === b || (a !== null && b !== null && services.types.codec(type).compare(a, b) === 0);
  });
}

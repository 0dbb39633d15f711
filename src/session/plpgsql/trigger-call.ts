/** What a trigger function is told of the event that it is called for. */
import type { TriggerCall } from '../../exec/exec-context.js';
import { type Datum, PgArray, type Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Frame } from './frame.js';
import { makeRecord } from './records.js';

/** Gives the trigger's variables their values. */
export function fillTrigger(frame: Frame, call: TriggerCall): void {
  const { trigger } = frame.fn.tree;
  if (trigger === null) throw new Error('a trigger function without trigger variables');
  const { values } = frame;
  storeRow(frame, trigger.new, call, call.new);
  storeRow(frame, trigger.old, call, call.old);
  values[trigger.name] = call.name;
  values[trigger.when] = call.when;
  values[trigger.level] = call.level;
  values[trigger.op] = call.op;
  values[trigger.relid] = call.relation.oid;
  values[trigger.relname] = call.relation.name;
  values[trigger.tableName] = call.relation.name;
  values[trigger.tableSchema] = call.schema;
  values[trigger.nargs] = call.args.length;
  values[trigger.argv] = argumentArray(call.args);
}

/** Its elements are counted from 0; without arguments it is NULL. */
function argumentArray(args: readonly Datum[]): Datum {
  return args.length === 0 ? null : new PgArray(oid.TEXT, [args.length], [0], args);
}

/** Fields of a row that the event has not are NULL. */
function storeRow(frame: Frame, dno: number, { relation }: TriggerCall, row: Row | null): void {
  const { types } = frame.fn.runtime.session.environment;
  const fields = types.catalog.compositeFields(relation.rowType) ?? [];
  frame.values[dno] = row === null ? null : makeRecord(fields, row, relation.rowType);
  frame.shapes[dno] = fields;
}

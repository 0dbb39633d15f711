/** Records in variables: what fields they have, and how rows, values and NULLs get into variables. */
import { sqlError } from '../../errors/sql-error.js';
import { SQLSTATE } from '../../errors/sqlstate.js';
import type { RecordField } from '../../sql/plan/expression.js';
import type { IntoTarget, Target, Variable } from '../../sql/plpgsql/syntax.js';
import { type Datum, PgRecord } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { extraCheck } from './extra-checks.js';
import type { Frame } from './frame.js';
import type { PlRuntime } from './runtime.js';

const SHAPES = new WeakMap<readonly number[], readonly RecordField[]>();

/** The fields of a record's value. */
export function recordShape(runtime: PlRuntime, value: PgRecord): readonly RecordField[] {
  if (value.typeOid !== oid.RECORD) {
    const declared = runtime.session.environment.types.catalog.compositeFields(value.typeOid);
    if (declared !== undefined) return declared;
  }
  const known = SHAPES.get(value.fieldTypes);
  if (known !== undefined) return known;
  const names = value.fieldNames;
  const shape = value.fieldTypes.map((type, i) => ({ name: names?.[i] ?? `f${i + 1}`, type, typmod: -1 }));
  SHAPES.set(value.fieldTypes, shape);
  return shape;
}

/** A record of these fields; the shape is remembered with its types. */
export function makeRecord(fields: readonly RecordField[], values: readonly Datum[], type: number): PgRecord {
  let parts = PARTS.get(fields);
  if (parts === undefined) {
    parts = { types: fields.map((field) => field.type), names: fields.map((field) => field.name) };
    PARTS.set(fields, parts);
    if (type === oid.RECORD) SHAPES.set(parts.types, fields);
  }
  return new PgRecord(type, parts.types, values, parts.names);
}

const PARTS = new WeakMap<readonly RecordField[], { types: readonly number[]; names: readonly string[] }>();

/** The fields of a variable as they are now. @throws SqlError 55000 */
export function shapeOf(frame: Frame, variable: Variable): readonly RecordField[] {
  if (variable.type.oid !== oid.RECORD) {
    const { types } = frame.fn.runtime.session.environment;
    return types.catalog.compositeFields(baseOf(frame, variable.type.oid)) ?? [];
  }
  const shape = frame.shapes[variable.dno];
  if (shape !== null) return shape;
  throw sqlError('object_not_in_prerequisite_state', `record "${variable.name}" is not assigned yet`, {
    detail: 'The tuple structure of a not-yet-assigned record is indeterminate.',
  });
}

function baseOf(frame: Frame, type: number): number {
  const { catalog } = frame.fn.runtime.session.environment;
  let desc = catalog.type(type);
  while (desc?.kind === 'd') desc = catalog.type(desc.baseType);
  return desc?.oid ?? type;
}

/** Puts a value of the variable's own type into it. @throws SqlError 22004 */
export function setVariable(frame: Frame, variable: Variable, value: Datum): void {
  if (value === null && variable.notNull) {
    const message = `null value cannot be assigned to variable "${variable.name}" declared NOT NULL`;
    throw sqlError('null_value_not_allowed', message);
  }
  frame.values[variable.dno] = value;
  if (variable.type.oid === oid.RECORD)
    frame.shapes[variable.dno] = value instanceof PgRecord ? recordShape(frame.fn.runtime, value) : null;
}

/** @throws SqlError 22005 for constants */
export function requireAssignable(frame: Frame, dno: number): void {
  const { name, constant } = frame.fn.tree.variables[dno];
  if (constant) throw sqlError('error_in_assignment', `variable "${name}" is declared CONSTANT`);
}

/** Puts a value of any type into a target. @throws SqlError 22004, 42804, 42703, and what the cast throws */
export function assign(frame: Frame, target: Target, value: Datum, type: number, typmod: number): void {
  const variable = frame.fn.tree.variables[target.dno];
  if (target.field !== null) {
    assignField(frame, variable, target.field, value, type, typmod);
    return;
  }
  if (variable.type.composite) {
    assignWhole(frame, variable, value, type);
    return;
  }
  const { casts } = frame.fn.runtime;
  setVariable(frame, variable, casts.between(type, typmod, variable.type.oid, variable.type.typmod)(value));
}

function assignWhole(frame: Frame, variable: Variable, value: Datum, type: number): void {
  const { runtime } = frame.fn;
  if (value === null) {
    setVariable(frame, variable, null);
    return;
  }
  if (!(value instanceof PgRecord))
    throw sqlError('datatype_mismatch', 'cannot assign non-composite value to a record variable');
  if (variable.type.oid === oid.RECORD) {
    setVariable(frame, variable, value);
    return;
  }
  const base = baseOf(frame, variable.type.oid);
  const fitted = value.typeOid === base ? value : runtime.casts.toComposite(value, base);
  const checked = runtime.casts.between(base, -1, variable.type.oid, -1)(fitted);
  if (type === oid.UNKNOWN) throw new Error('a record of unknown type');
  setVariable(frame, variable, checked);
}

/** @throws SqlError 42703, 55000 */
function assignField(frame: Frame, variable: Variable, name: string, value: Datum, type: number, typmod: number): void {
  const shape = shapeOf(frame, variable);
  const position = shape.findIndex((field) => field.name === name);
  if (position < 0) throw sqlError('undefined_column', `record "${variable.name}" has no field "${name}"`);
  const field = shape[position];
  const converted = frame.fn.runtime.casts.between(type, typmod, field.type, field.typmod)(value);
  const old = frame.values[variable.dno];
  const values = shape.map((_, i): Datum => (old instanceof PgRecord ? (old.values[i] ?? null) : null));
  values[position] = converted;
  const record = makeRecord(
    shape,
    values,
    variable.type.oid === oid.RECORD ? oid.RECORD : baseOf(frame, variable.type.oid),
  );
  frame.values[variable.dno] = record;
}

/**
 * Puts a row of a query into the target; null: there was no row. Missing columns give NULL, further ones are left out.
 * @throws SqlError as `assign`
 */
export function assignRow(
  frame: Frame,
  into: IntoTarget,
  row: readonly Datum[] | null,
  fields: readonly RecordField[],
): void {
  if (into.record !== null) {
    assignRecord(frame, into.record, row, fields);
    return;
  }
  const { list } = into;
  if (list.length !== fields.length) checkWidth(frame);
  if (list.length === 1 && list[0].field === null && fields.length === 1) {
    assign(frame, list[0], row === null ? null : row[0], fields[0].type, fields[0].typmod);
    return;
  }
  list.forEach((target, i) => {
    const field = fields[i];
    if (field === undefined || row === null) assign(frame, target, null, oid.UNKNOWN, -1);
    else assign(frame, target, row[i] ?? null, field.type, field.typmod);
  });
}

function assignRecord(
  frame: Frame,
  target: Target,
  row: readonly Datum[] | null,
  fields: readonly RecordField[],
): void {
  const variable = frame.fn.tree.variables[target.dno];
  // A single column that holds a row of the wanted type stands for its fields.
  const [only] = fields;
  if (fields.length === 1 && isComposite(frame, only.type)) {
    const value = row === null ? null : row[0];
    if (
      only.type === variable.type.oid ||
      variable.type.oid === oid.RECORD ||
      value instanceof PgRecord ||
      value === null
    ) {
      if (value !== null || variable.type.oid !== oid.RECORD) {
        assignWhole(frame, variable, value, only.type);
        return;
      }
    }
  }
  if (variable.type.oid === oid.RECORD) {
    const values = row === null ? fields.map((): Datum => null) : row.slice(0, fields.length);
    frame.values[variable.dno] = makeRecord(fields, values, oid.RECORD);
    frame.shapes[variable.dno] = fields;
    return;
  }
  if (shapeOf(frame, variable).length !== fields.length) checkWidth(frame);
  if (row === null) {
    setVariable(frame, variable, null);
    return;
  }
  assignWhole(frame, variable, makeRecord(fields, row.slice(0, fields.length), oid.RECORD), oid.RECORD);
}

/** Rows need not have as many columns as there are targets, unless that is asked for. @throws SqlError 42804 */
function checkWidth(frame: Frame): void {
  const level = extraCheck(frame, 'strict_multi_assignment');
  if (level === null) return;
  const message = 'number of source and target fields in assignment does not match';
  const fields = {
    detail: `strict_multi_assignment check of extra_${level}s is active.`,
    hint: 'Make sure the query returns the exact list of columns.',
  };
  if (level === 'error') throw sqlError('datatype_mismatch', message, fields);
  frame.fn.runtime.session.notice('WARNING', message, fields, SQLSTATE.datatype_mismatch);
}

export function isComposite(frame: Frame, type: number): boolean {
  return type === oid.RECORD || frame.fn.runtime.session.environment.catalog.type(baseOf(frame, type))?.kind === 'c';
}

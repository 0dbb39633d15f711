/** RETURN, RETURN NEXT and RETURN QUERY; and the result of a call. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { isPlannable } from '../../sql/binder/bind-statement.js';
import type { RecordField } from '../../sql/plan/expression.js';
import type { ReturnNextStatement, ReturnQueryStatement, ReturnStatement } from '../../sql/plpgsql/syntax.js';
import { type Datum, PgRecord, type Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import { openDynamic, tagOf } from './dynamic-steps.js';
import type { PlExpression } from './expression.js';
import { type Code, type Frame, NEXT, type Outcome, RETURN, type Step } from './frame.js';
import { giveWay, isDue } from './loop-steps.js';
import { PlQuery, type QueryScan } from './query.js';
import { isComposite, makeRecord, recordShape } from './records.js';
import { inFragment } from './sql-context.js';
import type { StepCompiler } from './step-compiler.js';

export function returnStep(compiler: StepCompiler, { line, value }: ReturnStatement): Step {
  const what = 'RETURN';
  if (value === null) return { line, what, run: () => RETURN };
  const expression = compiler.expression(value);
  const { resultType } = compiler.use;
  const composite = compiler.resultComposite || compiler.tree.trigger !== null;
  const store = (frame: Frame, datum: Datum): Code => {
    frame.result = datum;
    if (composite) requireRecord(frame, datum, expression.type);
    else if (expression.type !== resultType && resultType !== oid.VOID)
      frame.resultCast = frame.fn.runtime.casts.between(expression.type, expression.typmod, resultType, -1);
    else frame.resultCast = null;
    return RETURN;
  };
  return {
    line,
    what,
    run(frame): Outcome {
      const datum = expression.tryValue(frame);
      return datum === undefined ? returnLater(frame, expression, store) : store(frame, datum);
    },
  };
}

function* returnLater(frame: Frame, expression: PlExpression, store: (frame: Frame, datum: Datum) => Code): Task<Code> {
  return store(frame, yield* expression.value(frame));
}

/** @throws SqlError 42804 */
function requireRecord(frame: Frame, value: Datum, type: number): void {
  if (value === null && (type === oid.TEXT || type === oid.UNKNOWN)) return;
  if (isComposite(frame, type)) return;
  throw sqlError('datatype_mismatch', 'cannot return non-composite value from function returning composite type');
}

export function returnNextStep(compiler: StepCompiler, { line, value }: ReturnNextStatement): Step {
  const what = 'RETURN NEXT';
  if (value === null) {
    return {
      line,
      what,
      run(frame) {
        frame.results.push(outputsOf(frame));
        return NEXT;
      },
    };
  }
  const { resultType } = compiler.use;
  const expression = compiler.expression(value, compiler.resultComposite ? null : { type: resultType, typmod: -1 });
  const store = (frame: Frame, datum: Datum): void => {
    if (compiler.resultComposite) requireRecord(frame, datum, expression.type);
    const message = expression.isVariable ? 'wrong record type supplied in RETURN NEXT' : WRONG_RECORD;
    frame.results.push(compiler.resultComposite ? fitted(frame, datum, message) : datum);
  };
  return {
    line,
    what,
    run(frame): Outcome {
      const datum = expression.tryValue(frame);
      if (datum === undefined) return nextLater(frame, expression, store);
      store(frame, datum);
      return NEXT;
    },
  };
}

function* nextLater(frame: Frame, expression: PlExpression, store: (frame: Frame, datum: Datum) => void): Task<Code> {
  store(frame, yield* expression.value(frame));
  return NEXT;
}

/** The values of the output parameters: one as it is, several as a record. */
export function outputsOf(frame: Frame): Datum {
  const { tree, resultType, resultFields, resultComposite } = frame.fn;
  const [first] = tree.outputs;
  frame.owned = null;
  if (tree.outputs.length === 1 && !(resultComposite && resultType === oid.RECORD && frame.fn.proc.kind === 'p'))
    return frame.values[first];
  const values = tree.outputs.map((dno) => frame.values[dno]);
  return makeRecord(resultFields ?? shapeOfOutputs(frame), values, oid.RECORD);
}

function shapeOfOutputs(frame: Frame): RecordField[] {
  const { tree } = frame.fn;
  return tree.outputs.map((dno) => {
    const { name, type } = tree.variables[dno];
    return { name, type: type.oid, typmod: type.typmod };
  });
}

/** A record as one of the function's result type. @throws SqlError 42804 */
export function fitted(frame: Frame, value: Datum, message: string): Datum {
  const { fn } = frame;
  if (value === null) return fn.resultFields === null ? null : nullRecord(frame, fn.resultFields);
  if (!(value instanceof PgRecord) || fn.resultFields === null) return value;
  const shape = recordShape(fn.runtime, value);
  if (value.typeOid !== fn.resultType || fn.resultType === oid.RECORD)
    requireSame(frame, shape, fn.resultFields, message, 'Number of returned columns');
  const composite = makeRecord(fn.resultFields, value.values, baseType(frame));
  const { casts } = fn.runtime;
  return fn.resultType === composite.typeOid
    ? composite
    : casts.between(composite.typeOid, -1, fn.resultType, -1)(composite);
}

function nullRecord(frame: Frame, fields: readonly RecordField[]): Datum {
  return frame.fn.proc.returnsSet
    ? makeRecord(
        fields,
        fields.map(() => null),
        baseType(frame),
      )
    : null;
}

function baseType(frame: Frame): number {
  const { catalog } = frame.fn.runtime.session.environment;
  let desc = catalog.type(frame.fn.resultType);
  while (desc?.kind === 'd') desc = catalog.type(desc.baseType);
  return desc?.oid ?? frame.fn.resultType;
}

/** @throws SqlError 42804 */
function requireSame(
  frame: Frame,
  given: readonly RecordField[],
  wanted: readonly RecordField[],
  message: string,
  counted: string,
): void {
  if (given.length !== wanted.length) {
    const detail = `${counted} (${given.length}) does not match expected column count (${wanted.length}).`;
    throw sqlError('datatype_mismatch', message, { detail });
  }
  const { types } = frame.fn.runtime.session.environment;
  given.forEach(({ type, typmod }, i) => {
    const expected = wanted[i];
    if (type === expected.type && (typmod === expected.typmod || expected.typmod < 0)) return;
    const shown = (field: RecordField): string => types.catalog.formatType(field.type, field.typmod);
    const detail = `Returned type ${shown({ name: '', type, typmod })} does not match expected type ${shown(expected)} in column ${i + 1}.`;
    throw sqlError('datatype_mismatch', message, { detail });
  });
}

export function returnQueryStep(compiler: StepCompiler, statement: ReturnQueryStatement): Step {
  const { line } = statement;
  const what = 'RETURN QUERY';
  if (statement.dynamic) {
    const text = compiler.expression(statement.query);
    const using = compiler.expressions(statement.using);
    return { line, what, run: (frame) => returnRows(frame, openDynamic(frame, text, using, noTuples)) };
  }
  const query = new PlQuery(compiler.runtime, statement.query);
  return {
    line,
    what,
    run(frame) {
      if (!isPlannable(query.statement)) throw inFragment(noTuples(tagOf(query.statement)), query.fragment);
      return returnRows(frame, query.open(frame, frame.values));
    },
  };
}

function noTuples(tag: string): SqlError {
  return sqlError('syntax_error', `${tag} query does not return tuples`);
}

export const WRONG_RECORD = 'returned record type does not match expected record type';
const MISMATCH = 'structure of query does not match function result type';

function* returnRows(frame: Frame, opening: Task<QueryScan>): Task<Code> {
  const scan = yield* opening;
  let count = 0;
  try {
    const { fields } = scan.planned;
    if (fields === null) throw sqlError('syntax_error', 'cannot open a query without result as cursor');
    const wanted = frame.fn.resultComposite ? frame.fn.resultFields : [scalarField(frame)];
    if (wanted !== null)
      scan.inContext(() => requireSame(frame, fields, wanted, MISMATCH, 'Number of returned columns'));
    const take = frame.fn.resultComposite ? recordOf(frame, wanted ?? fields) : (row: Row): Datum => row[0];
    for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
      for (let i = 0; i < batch.length; i++) frame.results.push(take(batch.rows[i]));
      count += batch.length;
      if (isDue(frame)) yield* giveWay(frame);
    }
  } finally {
    scan.close();
  }
  frame.rowCount = count;
  frame.values[frame.fn.tree.found] = count > 0;
  return NEXT;
}

function scalarField(frame: Frame): RecordField {
  return { name: '', type: frame.fn.resultType, typmod: -1 };
}

function recordOf(frame: Frame, fields: readonly RecordField[]): (row: Row) => Datum {
  const type = baseType(frame);
  return (row) => makeRecord(fields, row.length === fields.length ? row : row.slice(0, fields.length), type);
}

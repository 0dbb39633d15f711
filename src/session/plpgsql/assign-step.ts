/** `variable := expression`, to fields and elements as well. */
import type { Node } from '@pgsql/types';
import { sqlError } from '../../errors/sql-error.js';
import { assignPart } from '../../sql/binder/assigned-part.js';
import { coerceForVariable } from '../../sql/binder/assigned-value.js';
import type { BindContext } from '../../sql/binder/bind-context.js';
import { parseSql } from '../../sql/parser/parse.js';
import type { Expr } from '../../sql/plan/expression.js';
import type { AssignStatement, Variable } from '../../sql/plpgsql/syntax.js';
import { type Datum, PgRecord } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import { PlExpression } from './expression.js';
import { type Code, type Frame, NEXT, type Outcome, type Step } from './frame.js';
import { setElement } from './owned-arrays.js';
import { assign, setVariable } from './records.js';
import type { StepCompiler } from './step-compiler.js';

export function assignStep(compiler: StepCompiler, statement: AssignStatement): Step {
  const { target, path, line } = statement;
  const variable = compiler.variable(target.dno);
  const place = { line, what: 'assignment' };
  if (path !== '') return partStep(compiler, statement, place);
  if (target.field !== null || variable.type.composite) {
    const keep = variable.type.oid === oid.RECORD || target.field !== null;
    const expression = new PlExpression(compiler.runtime, statement.value, null, (cx, value) => {
      // The field has to be there before the value is computed.
      if (target.field !== null) cx.variables?.numbered(cx, target.dno, target.field);
      return keep ? settled(cx, value) : forComposite(cx, value, variable);
    });
    return valueStep(place, expression, (frame, value) =>
      assign(frame, target, value, expression.type, expression.typmod),
    );
  }
  const wanted = { type: variable.type.oid, typmod: variable.type.typmod };
  const expression = compiler.expression(statement.value, wanted);
  if (variable.notNull) return valueStep(place, expression, (frame, value) => setVariable(frame, variable, value));
  const { dno } = variable;
  return valueStep(place, expression, (frame, value) => {
    frame.values[dno] = value;
  });
}

/** Literals are texts. */
function settled(cx: BindContext, value: Expr): Expr {
  return value.type === oid.UNKNOWN ? coerceForVariable(cx, value, oid.TEXT, -1) : value;
}

/** Records are fitted when they are stored. */
function forComposite(cx: BindContext, value: Expr, { type }: Variable): Expr {
  const composite = value.type === oid.RECORD || cx.type(value.type).kind === 'c';
  return composite ? value : coerceForVariable(cx, value, type.oid, type.typmod);
}

type Store = (frame: Frame, value: Datum) => void;

function valueStep(place: { line: number; what: string }, expression: PlExpression, store: Store): Step {
  return {
    ...place,
    run(frame): Outcome {
      const value = expression.tryValue(frame);
      if (value === undefined) return finish(frame, expression, store);
      store(frame, value);
      return NEXT;
    },
  };
}

function* finish(frame: Frame, expression: PlExpression, store: Store): Task<Code> {
  store(frame, yield* expression.value(frame));
  return NEXT;
}

/** `a[1].b := …`: the variable's value, or that of a field, with a part replaced. */
function partStep(compiler: StepCompiler, statement: AssignStatement, place: Pick<Step, 'line' | 'what'>): Step {
  const { target, path, value } = statement;
  const { name } = compiler.variable(target.dno);
  const steps = pathSteps(path);
  const { dno } = target;
  let elementType = 0;
  const expression = new PlExpression(compiler.runtime, value, null, (cx, source) => {
    const current = cx.variables?.numbered(cx, dno, target.field);
    if (current === undefined) throw new Error('an assignment without variables');
    const changed = assignPart(cx, name, current, steps, source);
    const parts = elementParts(changed, dno);
    elementType = parts === null || changed.kind !== 'subscript' ? 0 : changed.elementType;
    return parts ?? changed;
  });
  return valueStep(place, expression, (frame, result) => {
    if (elementType === 0 || !(result instanceof PgRecord)) {
      assign(frame, target, result, expression.type, expression.typmod);
      return;
    }
    const [index, element] = result.values;
    setElement(frame, dno, elementType, index, element);
  });
}

/** The index and the value of an assignment to one element of an array in a variable; null for any other assignment. */
function elementParts(changed: Expr, dno: number): Expr | null {
  if (changed.kind !== 'subscript' || changed.container !== 'array' || changed.assign === null) return null;
  const [subscript, ...more] = changed.subscripts;
  if (more.length > 0 || subscript.slice || subscript.upper === null) return null;
  if (changed.arg.kind !== 'param' || changed.arg.index !== dno || changed.arg.type !== changed.type) return null;
  const fields = [subscript.upper, changed.assign];
  const names = ['index', 'element'];
  return { kind: 'row', fields, names, type: oid.RECORD, typmod: -1, collation: 0, location: -1 };
}

/** The fields and subscripts behind a variable as the grammar knows them. */
function pathSteps(path: string): readonly Node[] {
  const [statement] = parseSql(`SELECT (x)${path}`);
  const node = statement?.node;
  const target = node !== undefined && 'SelectStmt' in node ? node.SelectStmt.targetList?.[0] : undefined;
  const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  if (value === undefined || !('A_Indirection' in value)) throw sqlError('syntax_error', 'invalid assignment target');
  return value.A_Indirection.indirection ?? [];
}

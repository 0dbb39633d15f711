/** Cursors: OPEN, FETCH, MOVE, CLOSE, and FOR over a bound cursor. They are portals of the session under their names. */
import { sqlError } from '../../errors/sql-error.js';
import type {
  CloseStatement,
  FetchDirection,
  FetchStatement,
  ForCursorStatement,
  OpenStatement,
} from '../../sql/plpgsql/syntax.js';
import type { Datum, Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { Motion } from '../cursor.js';
import type { RowTarget } from '../cursor-rows.js';
import type { Portal } from '../portal.js';
import { openCursor } from '../run-portal.js';
import { fragmentOf } from './dynamic-steps.js';
import type { PlExpression } from './expression.js';
import { type Code, type Frame, NEXT, runSteps, type Step } from './frame.js';
import { giveWay, isDue, loopEnd } from './loop-steps.js';
import { openPortal, type PortalQuery } from './open-portal.js';
import { PlQuery } from './query.js';
import { textOf } from './raise-step.js';
import { assignRow, requireAssignable, setVariable } from './records.js';
import type { StepCompiler } from './step-compiler.js';

export function openStep(compiler: StepCompiler, statement: OpenStatement): Step {
  const { line, cursor } = statement;
  const bound = compiler.variable(cursor).cursor;
  const args = statement.args === null ? null : new PlQuery(compiler.runtime, statement.args);
  const dynamic = statement.dynamic === null ? null : compiler.expression(statement.dynamic);
  const using = compiler.expressions(statement.using);
  const fragment = bound?.query ?? statement.query;
  const scroll = bound?.scroll ?? statement.scroll;
  return {
    line,
    what: 'OPEN',
    *run(frame): Task<Code> {
      const name = cursorName(frame, cursor);
      if (name === null) requireAssignable(frame, cursor);
      if (args !== null && bound !== null) yield* setArguments(frame, bound.parameters, args);
      const query =
        dynamic === null && fragment !== null
          ? { fragment, params: frame.values.slice(), types: null }
          : yield* dynamicQuery(frame, dynamic, using);
      const portal = yield* openPortal(frame, name, query, scroll, false);
      setVariable(frame, frame.fn.tree.variables[cursor], portal.name);
      return NEXT;
    },
  };
}

/** The name that the variable asks for; null for none. @throws SqlError 42P03 when it is in use */
function cursorName(frame: Frame, cursor: number): string | null {
  const name = frame.values[cursor];
  if (typeof name !== 'string') return null;
  if (frame.fn.runtime.session.portals.get(name) !== undefined)
    throw sqlError('duplicate_cursor', `cursor "${name}" already in use`);
  return name;
}

function* setArguments(frame: Frame, parameters: readonly number[], args: PlQuery): Task<void> {
  const rows: Row[] = [];
  const { fields } = yield* args.run(frame, frame.values, (row) => {
    rows.push(row);
    return false;
  });
  const list = parameters.map((dno) => ({ dno, field: null, name: frame.fn.tree.variables[dno].name }));
  assignRow(frame, { record: null, list }, rows[0] ?? null, fields ?? []);
}

function* dynamicQuery(frame: Frame, text: PlExpression | null, using: readonly PlExpression[]): Task<PortalQuery> {
  const sql = text === null ? null : yield* textOf(frame, text);
  if (sql === null) throw sqlError('null_value_not_allowed', 'query string argument of EXECUTE is null');
  const params: Datum[] = [];
  for (const expression of using) params.push(yield* expression.get(frame));
  return { fragment: fragmentOf(sql), params, types: using.map(({ type }) => type) };
}

/** @throws SqlError 22004, 34000 */
function portalOf(frame: Frame, cursor: number): Portal {
  const name = frame.values[cursor];
  if (typeof name !== 'string') {
    const message = `cursor variable "${frame.fn.tree.variables[cursor].name}" is null`;
    throw sqlError('null_value_not_allowed', message);
  }
  const portal = frame.fn.runtime.session.portals.get(name);
  if (portal === undefined) throw sqlError('invalid_cursor_name', `cursor "${name}" does not exist`);
  return portal;
}

export function closeStep(_compiler: StepCompiler, { line, cursor }: CloseStatement): Step {
  return {
    line,
    what: 'CLOSE',
    run(frame) {
      const portal = portalOf(frame, cursor);
      if (portal.status === 'active')
        throw sqlError('invalid_cursor_state', `cannot drop active portal "${portal.name}"`);
      frame.fn.runtime.session.portals.drop(portal.name);
      return NEXT;
    },
  };
}

const DIRECTIONS: Readonly<Record<FetchDirection['direction'], Motion['direction']>> = {
  forward: 'FETCH_FORWARD',
  backward: 'FETCH_BACKWARD',
  absolute: 'FETCH_ABSOLUTE',
  relative: 'FETCH_RELATIVE',
};
const ALL = 2147483647;

export function fetchStep(compiler: StepCompiler, statement: FetchStatement): Step {
  const { line, cursor, direction, into, move } = statement;
  const count =
    direction.countExpression === null
      ? null
      : compiler.expression(direction.countExpression, { type: oid.INT4, typmod: -1 });
  return {
    line,
    what: move ? 'MOVE' : 'FETCH',
    *run(frame): Task<Code> {
      const wanted = count === null ? (direction.count ?? ALL) : yield* count.get(frame);
      if (typeof wanted !== 'number')
        throw sqlError('null_value_not_allowed', 'relative or absolute cursor position is null');
      const portal = portalOf(frame, cursor);
      const rows: Row[] = [];
      const motion: Motion = { direction: DIRECTIONS[direction.direction], count: wanted };
      const passed = yield* fetch(frame, portal, motion, move ? null : collect(rows));
      if (into !== null) assignRow(frame, into, rows[0] ?? null, portal.fields ?? []);
      frame.rowCount = passed;
      frame.values[frame.fn.tree.found] = passed > 0;
      return NEXT;
    },
  };
}

function collect(rows: Row[]): RowTarget {
  return { crowded: false, row: (row) => rows.push(row), backpressure: () => null };
}

function* fetch(frame: Frame, portal: Portal, motion: Motion, target: RowTarget): Task<number> {
  const { session } = frame.fn.runtime;
  portal.enter();
  try {
    const cursor = portal.cursor ?? (yield* openCursor(session, portal, session.resultSink));
    const { execution } = portal;
    const fetching = cursor.fetch(motion, target);
    const count = execution === null ? yield* fetching : yield* session.running.nested(execution, fetching);
    portal.leave();
    return count;
  } catch (error) {
    portal.fail();
    throw error;
  }
}

const NEXT_ROW: Motion = { direction: 'FETCH_FORWARD', count: 1 };

export function forCursorStep(compiler: StepCompiler, statement: ForCursorStatement): Step {
  const { line, cursor, into, label } = statement;
  const bound = compiler.variable(cursor).cursor;
  if (bound === null) throw new Error('a cursor without query');
  const args = statement.args === null ? null : new PlQuery(compiler.runtime, statement.args);
  const body = compiler.steps(statement.body);
  const step: Step = {
    line,
    what: 'FOR over cursor',
    *run(frame): Task<Code> {
      const name = cursorName(frame, cursor);
      if (args !== null) yield* setArguments(frame, bound.parameters, args);
      const query = { fragment: bound.query, params: frame.values.slice(), types: null };
      const portal = yield* openPortal(frame, name, query, bound.scroll, frame.nonAtomic);
      const variable = frame.fn.tree.variables[cursor];
      setVariable(frame, variable, portal.name);
      let found = false;
      let end: Code | undefined;
      try {
        for (;;) {
          const rows: Row[] = [];
          frame.at = step;
          if ((yield* fetch(frame, portal, NEXT_ROW, collect(rows))) === 0) break;
          found = true;
          assignRow(frame, into, rows[0], portal.fields ?? []);
          const outcome = runSteps(frame, body);
          const code = typeof outcome === 'number' ? outcome : yield* outcome;
          end = code === NEXT ? undefined : loopEnd(frame, code, label);
          if (end !== undefined) break;
          if (isDue(frame)) yield* giveWay(frame);
        }
      } finally {
        frame.fn.runtime.session.portals.drop(portal.name);
      }
      if (name === null) setVariable(frame, variable, null);
      frame.values[frame.fn.tree.found] = found;
      return end ?? NEXT;
    },
  };
  return step;
}

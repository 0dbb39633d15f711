/** SQL statements, PERFORM, CALL, and FOR over the rows of a query. */
import { sqlError } from '../../errors/sql-error.js';
import { SQLSTATE } from '../../errors/sqlstate.js';
import { isPlannable } from '../../sql/binder/bind-statement.js';
import type {
  CallStatement,
  ForQueryStatement,
  Fragment,
  IntoTarget,
  PerformStatement,
  SqlStatement,
} from '../../sql/plpgsql/syntax.js';
import type { Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import { commandTag } from '../command-tag.js';
import { runDo } from '../do-statement.js';
import { runRoutineUtility } from '../routine-utility.js';
import { callProcedure } from './call-procedure.js';
import { extraCheck } from './extra-checks.js';
import { type Code, type Frame, NEXT, runSteps, type Step } from './frame.js';
import { giveWay, isDue, loopEnd } from './loop-steps.js';
import { type Finished, PlQuery, type QueryScan } from './query.js';
import { assignRow } from './records.js';
import { inFragment } from './sql-context.js';
import type { StepCompiler } from './step-compiler.js';
import { FrameNames } from './variable-names.js';

export function sqlStep(compiler: StepCompiler, statement: SqlStatement): Step {
  const query = new PlQuery(compiler.runtime, statement.query);
  return { line: statement.line, what: 'SQL statement', run: (frame) => runSql(frame, query, statement) };
}

function* runSql(frame: Frame, query: PlQuery, { into, strict }: SqlStatement): Task<Code> {
  const { statement } = query;
  if (!isPlannable(statement)) {
    yield* runUtility(frame, query.fragment, statement);
    return NEXT;
  }
  if (into === null) {
    const { processed } = yield* query.run(frame, frame.values, () => {
      throw noDestination();
    });
    frame.rowCount = processed;
    frame.values[frame.fn.tree.found] = processed > 0;
    return NEXT;
  }
  const changes = !('SelectStmt' in statement);
  yield* runInto(frame, (each) => query.run(frame, frame.values, each), {
    into,
    strict,
    changes,
    dynamic: false,
    parameters: () => query.parameters(frame),
  });
  return NEXT;
}

export function noDestination(): Error {
  return sqlError('syntax_error', 'query has no destination for result data', {
    hint: 'If you want to discard the results of a SELECT, use PERFORM instead.',
  });
}

/** Utility statements. `text` is what the statement's positions count in. */
export function* runUtility(frame: Frame, fragment: Fragment, node: PlQuery['statement']): Task<void> {
  const { runtime, readOnly } = frame.fn;
  const { session } = runtime;
  const tag = commandTag(node);
  if ('TransactionStmt' in node) throw sqlError('feature_not_supported', 'unsupported transaction command in PL/pgSQL');
  if ('CopyStmt' in node && node.CopyStmt.filename === undefined)
    throw sqlError('feature_not_supported', 'cannot COPY to/from client in PL/pgSQL');
  if (readOnly && !('VariableShowStmt' in node || 'ExplainStmt' in node || 'FetchStmt' in node)) {
    const error = sqlError('feature_not_supported', `${tag} is not allowed in a non-volatile function`);
    throw inFragment(error, fragment);
  }
  session.block.ensure().nextCommand();
  const done = yield* inSql(frame, fragment, withVariables(frame, fragment, node));
  frame.rowCount = Number(/\d+$/.exec(done)?.[0] ?? 0);
}

/** Queries inside of a utility statement may name variables, unless it is one of EXECUTE. */
function* withVariables(frame: Frame, fragment: Fragment, node: PlQuery['statement']): Task<string> {
  const { session } = frame.fn.runtime;
  const statement = { node, text: fragment.text, last: false };
  const reads = 'CreateTableAsStmt' in node || 'ExplainStmt' in node || 'DeclareCursorStmt' in node;
  if (fragment.names === null || !reads) return yield* runRoutineUtility(session, statement);
  const { environment } = session;
  const types = frame.fn.tree.variables.map(({ type }) => type.oid);
  const outer = environment.variables;
  frame.owned = null;
  environment.variables = { names: new FrameNames(frame, fragment.names), types };
  try {
    return yield* runRoutineUtility(session, statement, types, frame.values.slice());
  } finally {
    environment.variables = outer;
  }
}

/** Runs a statement that is not planned; messages tell of it. */
function* inSql<T>(frame: Frame, fragment: Fragment, task: Task<T>): Task<T> {
  const { runtime } = frame.fn;
  const outer = frame.sql;
  frame.sql = fragment;
  try {
    return yield* task;
  } catch (error) {
    throw inFragment(error, fragment);
  } finally {
    frame.sql = outer;
    runtime.refresh();
  }
}

type Run = (each: (row: Row) => boolean) => Task<Finished>;

interface IntoOptions {
  readonly into: IntoTarget;
  readonly strict: boolean;
  /** The statement is no SELECT. */
  readonly changes: boolean;
  /** Of EXECUTE, which says nothing of FOUND. */
  readonly dynamic: boolean;
  /** What the statement is given, for messages. */
  parameters(): string;
}

/** Runs a statement with INTO. @throws SqlError P0002, P0003, 42601 */
export function* runInto(frame: Frame, run: Run, options: IntoOptions): Task<void> {
  const { into, strict, changes, dynamic } = options;
  const rows: Row[] = [];
  const extra = dynamic ? null : extraCheck(frame, 'too_many_rows');
  const single = strict || (changes && !dynamic);
  const { fields, processed } = yield* run((row) => {
    if (rows.length < 2) rows.push(row);
    return changes || ((single || extra !== null) && rows.length < 2);
  });
  if (fields === null) throw sqlError('syntax_error', 'INTO used with a command that cannot return data');
  const detail = (): { detail?: string } => {
    const text = strict && frame.fn.printStrictParameters ? options.parameters() : '';
    return text === '' ? {} : { detail: `parameters: ${text}` };
  };
  if (rows.length === 0 && strict) throw sqlError('no_data_found', 'query returned no rows', detail());
  if (rows.length > 1 && (single || extra !== null)) {
    const hint = dynamic ? {} : { hint: 'Make sure the query returns a single row, or use LIMIT 1.' };
    const message = 'query returned more than one row';
    if (single || extra === 'error') throw sqlError('too_many_rows', message, { ...detail(), ...hint });
    frame.fn.runtime.session.notice('WARNING', message, { ...detail(), ...hint }, SQLSTATE.too_many_rows);
  }
  assignRow(frame, into, rows[0] ?? null, fields);
  frame.rowCount = changes ? processed : Math.min(rows.length, 1);
  if (!dynamic) frame.values[frame.fn.tree.found] = rows.length > 0;
}

export function performStep(compiler: StepCompiler, statement: PerformStatement): Step {
  const query = new PlQuery(compiler.runtime, statement.query);
  return { line: statement.line, what: 'PERFORM', run: (frame) => perform(frame, query) };
}

function* perform(frame: Frame, query: PlQuery): Task<Code> {
  const { processed } = yield* query.run(frame, frame.values, () => true);
  frame.rowCount = processed;
  frame.values[frame.fn.tree.found] = processed > 0;
  return NEXT;
}

export function callStep(compiler: StepCompiler, statement: CallStatement): Step {
  const query = new PlQuery(compiler.runtime, statement.query);
  const { line, isCall } = statement;
  return { line, what: isCall ? 'CALL' : 'DO', run: (frame) => call(frame, query) };
}

function* call(frame: Frame, query: PlQuery): Task<Code> {
  const { statement } = query;
  if ('CallStmt' in statement) yield* callProcedure(frame, query.fragment, statement.CallStmt);
  else if ('DoStmt' in statement) {
    const { session } = frame.fn.runtime;
    yield* inSql(frame, query.fragment, runDo(session, query.fragment.text, statement.DoStmt, frame.nonAtomic));
  } else yield* runUtility(frame, query.fragment, statement);
  return NEXT;
}

export function forQueryStep(compiler: StepCompiler, statement: ForQueryStatement): Step {
  const query = new PlQuery(compiler.runtime, statement.query);
  const body = compiler.steps(statement.body);
  const { into, label, line } = statement;
  const step: Step = {
    line,
    what: 'FOR over SELECT rows',
    run: (frame) => forRows(frame, step, query.open(frame, frame.values.slice()), into, body, label),
  };
  return step;
}

/** Runs the body for every row. */
export function* forRows(
  frame: Frame,
  step: Step,
  opening: Task<QueryScan>,
  into: IntoTarget,
  body: readonly Step[],
  label: string,
): Task<Code> {
  const scan = yield* opening;
  const { fields } = scan.planned;
  let found = false;
  let end: Code | undefined;
  try {
    if (fields === null) throw sqlError('syntax_error', 'cannot open a query without result as cursor');
    rows: for (let rows = yield* scan.nextRows(); rows !== null; rows = yield* scan.nextRows()) {
      for (const row of rows) {
        found = true;
        frame.at = step;
        assignRow(frame, into, row, fields);
        const outcome = runSteps(frame, body);
        const code = typeof outcome === 'number' ? outcome : yield* outcome;
        end = code === NEXT ? undefined : loopEnd(frame, code, label);
        if (end !== undefined) break rows;
        if (isDue(frame)) yield* giveWay(frame);
      }
      frame.at = step;
    }
    if (!found) assignRow(frame, into, null, fields);
  } finally {
    scan.close();
  }
  frame.values[frame.fn.tree.found] = found;
  return end ?? NEXT;
}

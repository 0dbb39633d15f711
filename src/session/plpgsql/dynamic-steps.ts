/** EXECUTE and FOR … IN EXECUTE: statements whose text is computed. */
import type { Node } from '@pgsql/types';
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { isPlannable } from '../../sql/binder/bind-statement.js';
import { parseSql } from '../../sql/parser/parse.js';
import type { ExecuteStatement, ForExecuteStatement, Fragment, IntoTarget } from '../../sql/plpgsql/syntax.js';
import type { Datum } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import { commandTag } from '../command-tag.js';
import type { PlExpression } from './expression.js';
import { type Code, type Frame, NEXT, type Step } from './frame.js';
import { PlQuery, type QueryScan } from './query.js';
import { textOf } from './raise-step.js';
import { shownValue } from './shown-value.js';
import { inFragment } from './sql-context.js';
import { forRows, runInto, runUtility } from './sql-steps.js';
import type { StepCompiler } from './step-compiler.js';

/** A statement with the values of USING. */
interface Dynamic {
  readonly query: PlQuery;
  readonly params: readonly Datum[];
}

/** @throws SqlError 22004 for NULL */
function* dynamicText(frame: Frame, text: PlExpression): Task<string> {
  const sql = yield* textOf(frame, text);
  if (sql !== null) return sql;
  throw sqlError('null_value_not_allowed', 'query string argument of EXECUTE is null');
}

export function fragmentOf(text: string): Fragment {
  return { kind: 'statement', text, offset: 0, start: 0, names: null };
}

function* usingValues(frame: Frame, using: readonly PlExpression[]): Task<{ params: Datum[]; types: number[] }> {
  const params: Datum[] = [];
  const types: number[] = [];
  for (const expression of using) {
    params.push(yield* expression.get(frame));
    types.push(expression.type);
  }
  return { params, types };
}

/** The statements of the text. @throws SqlError 42601 */
function* dynamicStatements(frame: Frame, text: PlExpression, using: readonly PlExpression[]): Task<Dynamic[]> {
  const sql = yield* dynamicText(frame, text);
  const { params, types } = yield* usingValues(frame, using);
  const { runtime } = frame.fn;
  const fragment = fragmentOf(sql);
  try {
    const statements = parseSql(sql);
    if (statements.length === 1) return [{ query: runtime.dynamicQuery(fragment, types), params }];
    return statements.map((statement) => {
      const part = new PlQuery(runtime, fragment, null, types);
      part.use(statement.node);
      return { query: part, params };
    });
  } catch (error) {
    throw inFragment(error, fragment);
  }
}

/** Begins a query whose text is computed. `refuse`: what is wrong with a statement without rows. */
export function* openDynamic(
  frame: Frame,
  text: PlExpression,
  using: readonly PlExpression[],
  refuse: (tag: string) => SqlError,
): Task<QueryScan> {
  const statements = yield* dynamicStatements(frame, text, using);
  if (statements.length !== 1) throw sqlError('invalid_cursor_definition', 'cannot open multi-query plan as cursor');
  const [{ query, params }] = statements;
  if (!isPlannable(query.statement)) {
    throw inFragment(refuse(tagOf(query.statement)), query.fragment);
  }
  return yield* query.open(frame, params);
}

export function executeStep(compiler: StepCompiler, statement: ExecuteStatement): Step {
  const text = compiler.expression(statement.query);
  const using = compiler.expressions(statement.using);
  return { line: statement.line, what: 'EXECUTE', run: (frame) => execute(frame, statement, text, using) };
}

function* execute(
  frame: Frame,
  { into, strict }: ExecuteStatement,
  text: PlExpression,
  using: readonly PlExpression[],
): Task<Code> {
  const statements = yield* dynamicStatements(frame, text, using);
  if (into !== null) {
    const last = statements.at(-1);
    for (const statement of statements.slice(0, -1)) yield* runOne(frame, statement);
    if (last === undefined || !isPlannable(last.query.statement)) {
      if (last !== undefined) yield* runOne(frame, last);
      throw sqlError('syntax_error', 'INTO used with a command that cannot return data');
    }
    yield* runDynamicInto(frame, last, { into, strict, types: using.map(({ type }) => type) });
    return NEXT;
  }
  for (const statement of statements) yield* runOne(frame, statement);
  return NEXT;
}

interface DynamicInto {
  readonly into: IntoTarget;
  readonly strict: boolean;
  readonly types: readonly number[];
}

/** EXECUTE … INTO says nothing of FOUND. */
function* runDynamicInto(frame: Frame, { query, params }: Dynamic, { into, strict, types }: DynamicInto): Task<void> {
  const changes = !('SelectStmt' in query.statement);
  yield* runInto(frame, (each) => query.run(frame, params, each), {
    into,
    strict,
    changes,
    dynamic: true,
    parameters: () => params.map((value, i) => shownValue(frame, `$${i + 1}`, value, types[i])).join(', '),
  });
}

function* runOne(frame: Frame, { query, params }: Dynamic): Task<void> {
  const node = query.statement;
  if (isPlannable(node)) {
    const { processed } = yield* query.run(frame, params, () => true);
    frame.rowCount = processed;
    return;
  }
  if ('TransactionStmt' in node)
    throw sqlError('feature_not_supported', 'EXECUTE of transaction commands is not implemented');
  if ('SelectStmt' in node)
    throw sqlError('feature_not_supported', 'EXECUTE of SELECT ... INTO is not implemented', {
      hint: 'You might want to use EXECUTE ... INTO or EXECUTE CREATE TABLE ... AS instead.',
    });
  yield* runUtility(frame, query.fragment, node);
}

/** What messages call a statement. */
export function tagOf(node: Node): string {
  return 'SelectStmt' in node ? 'SELECT INTO' : commandTag(node);
}

/** What FOR says of a statement without rows. */
export function notACursor(tag: string): SqlError {
  return sqlError('invalid_cursor_definition', `cannot open ${tag} query as cursor`);
}

export function forExecuteStep(compiler: StepCompiler, statement: ForExecuteStatement): Step {
  const text = compiler.expression(statement.query);
  const using = compiler.expressions(statement.using);
  const body = compiler.steps(statement.body);
  const { into, label, line } = statement;
  const step: Step = {
    line,
    what: 'FOR over EXECUTE statement',
    run: (frame) => forRows(frame, step, openDynamic(frame, text, using, notACursor), into, body, label),
  };
  return step;
}

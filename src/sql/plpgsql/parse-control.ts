/** IF, CASE and the loops. */
import type { FunctionParser } from './function-parser.js';
import { parseCursorArguments } from './parse-cursors.js';
import { parseEndLabel } from './parse-labels.js';
import type { Token } from './scanner.js';
import type {
  CaseStatement,
  ForCursorStatement,
  ForExecuteStatement,
  ForeachStatement,
  ForIntegerStatement,
  ForQueryStatement,
  Fragment,
  IfStatement,
  IntoTarget,
  LoopStatement,
  Statements,
  WhileStatement,
} from './syntax.js';

interface Branch {
  readonly condition: Fragment;
  readonly body: Statements;
}

export function parseIf(parser: FunctionParser): IfStatement {
  const { reader } = parser;
  const { line } = reader;
  const branches: Branch[] = [];
  do {
    reader.next();
    const condition = parser.expression(['then'], 'THEN');
    branches.push({ condition, body: parser.statements() });
  } while (reader.is('elsif') || reader.is('elseif'));
  const otherwise = reader.accept('else') ? parser.statements() : null;
  reader.expect('end');
  reader.expect('if');
  reader.expect(';');
  return { kind: 'if', line, branches, otherwise };
}

export function parseCase(parser: FunctionParser): CaseStatement {
  const { reader } = parser;
  const { line } = reader;
  reader.next();
  const operand = reader.is('when') ? null : caseOperand(parser);
  return parser.scoped(() => {
    let variable = -1;
    if (operand !== null) {
      parser.pushLabel('', false);
      const name = `__Case__Variable_${parser.variables.length}__`;
      variable = parser.declare({ name, type: parser.types.standard.integer, line });
    }
    const branches: Branch[] = [];
    while (reader.accept('when')) {
      const condition = parser.expression(['then'], 'THEN');
      const tested =
        variable < 0
          ? condition
          : { ...condition, text: `"${parser.variables[variable].name}" IN (${condition.text})`, names: parser.names };
      branches.push({ condition: tested, body: parser.statements() });
    }
    if (branches.length === 0) throw reader.syntaxError();
    const otherwise = reader.accept('else') ? parser.statements() : null;
    reader.expect('end');
    reader.expect('case');
    reader.expect(';');
    return { kind: 'case', line, operand, variable, branches, otherwise };
  });
}

/** WHEN belongs to a CASE inside of the operand where it stands in one. */
function caseOperand(parser: FunctionParser): Fragment {
  const { reader } = parser;
  const start = reader.peek();
  let last: Token = start;
  let depth = 0;
  while (!(depth === 0 && reader.is('when'))) {
    const token = reader.peek();
    if (token.kind === 'end' || token.text === ';')
      throw reader.fault(token, 'missing "WHEN" at end of SQL expression');
    if (reader.is('case') || token.text === '(') depth++;
    if (reader.is('end') || token.text === ')') depth--;
    last = reader.next();
  }
  const text = reader.source.slice(start.start, last.end);
  reader.check('SELECT ', text, start.start);
  return parser.fragment({ text, offset: start.start, until: 'when' });
}

/** The body with its END LOOP. */
function loopBody(parser: FunctionParser, label: string): Statements {
  const { reader } = parser;
  const body = parser.statements();
  reader.expect('end');
  reader.expect('loop');
  parseEndLabel(parser, label);
  reader.expect(';');
  return body;
}

export function parseLoop(parser: FunctionParser, label: string): LoopStatement {
  const { line } = parser.reader;
  parser.reader.next();
  return parser.scoped(() => {
    parser.pushLabel(label, true);
    return { kind: 'loop', line, label, body: loopBody(parser, label) };
  });
}

export function parseWhile(parser: FunctionParser, label: string): WhileStatement {
  const { line } = parser.reader;
  parser.reader.next();
  return parser.scoped(() => {
    parser.pushLabel(label, true);
    const condition = parser.expression(['loop'], 'LOOP');
    return { kind: 'while', line, label, condition, body: loopBody(parser, label) };
  });
}

type ForStatement = ForIntegerStatement | ForQueryStatement | ForExecuteStatement | ForCursorStatement;

/** What stands between FOR and IN: known variables, or a name that is yet to mean something. */
interface LoopVariable {
  readonly token: Token;
  readonly into: IntoTarget | null;
}

export function parseFor(parser: FunctionParser, label: string): ForStatement {
  const { reader } = parser;
  const { line } = reader;
  reader.next();
  return parser.scoped(() => {
    parser.pushLabel(label, true);
    const variable = loopVariable(parser);
    reader.expect('in');
    if (reader.accept('execute')) return forExecute(parser, line, label, variable);
    const cursor = forCursor(parser, line, label, variable);
    if (cursor !== null) return cursor;
    return forRange(parser, line, label, variable);
  });
}

function loopVariable(parser: FunctionParser): LoopVariable {
  const { reader } = parser;
  const token = reader.peek();
  const { mark } = reader;
  const found = parser.tryTarget();
  if (found !== null) {
    reader.back(mark);
    return { token, into: parser.intoTarget() };
  }
  reader.name();
  if (reader.is(',') || reader.is('.')) {
    reader.back(mark);
    throw parser.unknownVariable();
  }
  return { token, into: null };
}

function requireRows(parser: FunctionParser, { token, into }: LoopVariable): IntoTarget {
  if (into !== null) return into;
  const message = 'loop variable of loop over rows must be a record variable or list of scalar variables';
  throw parser.reader.fault(token, message);
}

function forExecute(parser: FunctionParser, line: number, label: string, variable: LoopVariable): ForExecuteStatement {
  const into = requireRows(parser, variable);
  const { fragment: query, until } = parser.expressionUntil(['loop', 'using'], 'LOOP');
  const using = until === 'using' ? parser.expressionList(['loop']).list : [];
  return { kind: 'for execute', line, label, into, query, using, body: loopBody(parser, label) };
}

function forCursor(
  parser: FunctionParser,
  line: number,
  label: string,
  variable: LoopVariable,
): ForCursorStatement | null {
  const { reader } = parser;
  const { mark } = reader;
  const found = parser.tryTarget();
  if (found === null || found.target.field !== null || found.composite) {
    reader.back(mark);
    return null;
  }
  const cursor = parser.variables[found.target.dno];
  if (cursor.type.oid !== parser.types.standard.refcursor.oid) {
    reader.back(mark);
    return null;
  }
  if (variable.into !== null && variable.into.list.length > 1)
    throw reader.fault(variable.token, 'cursor FOR loop must have only one target variable');
  if (cursor.cursor === null) throw reader.fault(found.token, 'cursor FOR loop must use a bound cursor variable');
  const args = parseCursorArguments(parser, cursor, cursor.cursor);
  reader.expect('loop');
  const dno = parser.declare({ name: variable.token.value, type: parser.types.record, line });
  const record = { dno, field: null, name: variable.token.text };
  const into = { record, list: [] };
  return { kind: 'for cursor', line, label, into, cursor: cursor.dno, args, body: loopBody(parser, label) };
}

function forRange(
  parser: FunctionParser,
  line: number,
  label: string,
  variable: LoopVariable,
): ForIntegerStatement | ForQueryStatement {
  const { reader } = parser;
  const first = reader.peek();
  const reverse = reader.accept('reverse');
  const span = reader.span(['..', 'loop'], 'statement', 'LOOP');
  if (span.until === 'loop') {
    if (reverse) throw reader.fault(first, 'cannot specify REVERSE in query FOR loop');
    reader.check('', span.text, span.offset);
    const into = requireRows(parser, variable);
    const query = parser.fragment(span, 'statement');
    return { kind: 'for query', line, label, into, query, body: loopBody(parser, label) };
  }
  reader.check('SELECT ', span.text, span.offset);
  const lower = parser.fragment(span);
  const { fragment: upper, until } = parser.expressionUntil(['loop', 'by'], 'LOOP');
  const step = until === 'by' ? parser.expression(['loop'], 'LOOP') : null;
  if (variable.into !== null && variable.into.list.length > 1)
    throw reader.fault(variable.token, 'integer FOR loop must have only one target variable');
  const dno = parser.declare({ name: variable.token.value, type: parser.types.standard.integer, line });
  const body = loopBody(parser, label);
  return { kind: 'for integer', line, label, variable: dno, reverse, lower, upper, step, body };
}

export function parseForeach(parser: FunctionParser, label: string): ForeachStatement {
  const { reader } = parser;
  const { line } = reader;
  reader.next();
  return parser.scoped(() => {
    parser.pushLabel(label, true);
    const token = reader.peek();
    const { into } = loopVariable(parser);
    if (into === null)
      throw reader.fault(token, 'loop variable of FOREACH must be a known variable or list of variables');
    const slice = reader.accept('slice') ? Number(reader.next().text) : 0;
    reader.expect('in');
    reader.expect('array');
    const array = parser.expression(['loop'], 'LOOP');
    return { kind: 'foreach', line, label, into, slice, array, body: loopBody(parser, label) };
  });
}

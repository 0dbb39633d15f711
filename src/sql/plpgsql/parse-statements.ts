/** Finds the parser of a statement by its first word; blocks, assignments and the small statements. */
import { sqlError } from '../../errors/sql-error.js';
import { conditionCodes, isSqlstate, OTHERS } from './conditions.js';
import type { FunctionParser } from './function-parser.js';
import { findLabel, insideLoop } from './names.js';
import { parseCase, parseFor, parseForeach, parseIf, parseLoop, parseWhile } from './parse-control.js';
import { parseClose, parseFetch, parseMove, parseOpen } from './parse-cursors.js';
import { parseDeclarations } from './parse-declarations.js';
import { parseEndLabel, parseLabel } from './parse-labels.js';
import { parseAssert, parseRaise } from './parse-raise.js';
import { parseReturn } from './parse-return.js';
import { parseCall, parseExecute, parseGet, parsePerform, parseSqlStatement } from './parse-sql.js';
import type {
  AssignStatement,
  BlockStatement,
  ExceptionHandler,
  ExitStatement,
  Statement,
  TransactionStatement,
} from './syntax.js';

type StatementParser = (parser: FunctionParser, label: string) => Statement | null;

/** By the first word. Those that take a label stand in `LABELLED`. */
const PARSERS: Readonly<Record<string, StatementParser>> = {
  if: parseIf,
  case: parseCase,
  exit: parseExit,
  continue: parseExit,
  return: parseReturn,
  raise: parseRaise,
  assert: parseAssert,
  execute: parseExecute,
  perform: parsePerform,
  call: parseCall,
  do: parseCall,
  get: parseGet,
  open: parseOpen,
  fetch: parseFetch,
  move: parseMove,
  close: parseClose,
  null: parseNull,
  commit: parseTransaction,
  rollback: parseTransaction,
};

const LABELLED: Readonly<Record<string, StatementParser>> = {
  declare: parseInnerBlock,
  begin: parseInnerBlock,
  loop: parseLoop,
  while: parseWhile,
  for: parseFor,
  foreach: parseForeach,
};

export function parseStatement(parser: FunctionParser): Statement | null {
  const { reader } = parser;
  if (reader.is('<<')) {
    const label = parseLabel(parser);
    const token = reader.peek();
    const labelled = token.quoted ? undefined : LABELLED[token.value];
    if (token.kind !== 'word' || labelled === undefined) throw reader.syntaxError();
    return labelled(parser, label);
  }
  const assignment = tryAssignment(parser);
  if (assignment !== null) return assignment;
  const token = reader.peek();
  if (token.kind !== 'word') throw reader.syntaxError();
  const known = token.quoted ? undefined : (LABELLED[token.value] ?? PARSERS[token.value]);
  return known === undefined ? parseSqlStatement(parser) : known(parser, '');
}

function tryAssignment(parser: FunctionParser): AssignStatement | null {
  const { reader } = parser;
  const { mark, line } = reader;
  const start = reader.peek();
  if (start.kind === 'word' && reader.isReserved(start)) return null;
  const found = parser.tryTarget();
  const ahead = reader.peek().text;
  if (found === null || ![':=', '=', '[', '.'].includes(ahead)) {
    reader.back(mark);
    return null;
  }
  parser.checkAssignable(found.target, found.token);
  const first = reader.peek();
  let end = first.start;
  for (let depth = 0; !(depth === 0 && (reader.is(':=') || reader.is('='))); ) {
    const token = reader.peek();
    if (token.kind === 'end' || token.text === ';') throw reader.syntaxError();
    if (token.text === '[' || token.text === '(') depth++;
    if (token.text === ']' || token.text === ')') depth--;
    end = reader.next().end;
  }
  const path = first.start < end ? reader.source.slice(first.start, end) : '';
  reader.next();
  const span = reader.span([';'], 'expression', ';');
  const text = reader.source.slice(start.start, span.offset + span.text.length);
  reader.check('SELECT ', span.text, span.offset);
  if (path !== '') reader.check('SELECT x', path, first.start);
  const value = parser.fragment({ text, offset: start.start, until: ';' }, 'assignment', span.offset - start.start);
  return { kind: 'assign', line, target: found.target, path, value };
}

/** A block behind its label, with the `;` that ends it. */
function parseInnerBlock(parser: FunctionParser, label: string): BlockStatement {
  const block = parseBlock(parser, label);
  parser.reader.expect(';');
  return block;
}

export function parseBlock(parser: FunctionParser, label: string): BlockStatement {
  const { reader } = parser;
  return parser.scoped(() => {
    parser.pushLabel(label, false);
    const variables = reader.accept('declare') ? parseDeclarations(parser) : [];
    const { line } = reader;
    reader.expect('begin');
    const body = parser.statements();
    const exceptions = reader.accept('exception') ? parseHandlers(parser, line) : NO_HANDLERS;
    reader.expect('end');
    parseEndLabel(parser, label);
    return { kind: 'block', line, label, variables, body, ...exceptions };
  });
}

type Exceptions = Pick<BlockStatement, 'handlers' | 'sqlstate' | 'sqlerrm'>;

const NO_HANDLERS: Exceptions = { handlers: null, sqlstate: -1, sqlerrm: -1 };

function parseHandlers(parser: FunctionParser, line: number): Exceptions {
  const { reader } = parser;
  const { text } = parser.types.standard;
  const sqlstate = parser.declare({ name: 'sqlstate', type: text, line, constant: true });
  const sqlerrm = parser.declare({ name: 'sqlerrm', type: text, line, constant: true });
  const handlers: ExceptionHandler[] = [];
  while (reader.is('when')) {
    const { line } = reader;
    reader.next();
    const conditions: string[] = [];
    do conditions.push(...parseCondition(parser));
    while (reader.accept('or'));
    reader.expect('then');
    handlers.push({ line, conditions, body: parser.statements() });
  }
  if (handlers.length === 0) throw reader.syntaxError();
  return { handlers, sqlstate, sqlerrm };
}

/** @throws SqlError 42704 for unknown names, 42601 */
function parseCondition(parser: FunctionParser): readonly string[] {
  const { reader } = parser;
  const token = reader.name();
  if (token.value === 'sqlstate' && reader.peek().kind === 'string') {
    const code = reader.next();
    if (!isSqlstate(code.value)) throw reader.syntaxError('invalid SQLSTATE code', code);
    return [code.value];
  }
  const codes = conditionCodes(token.value);
  if (codes === undefined) throw sqlError('undefined_object', `unrecognized exception condition "${token.value}"`);
  return codes[0] === OTHERS ? [OTHERS] : codes;
}

function parseExit(parser: FunctionParser): ExitStatement {
  const { reader } = parser;
  const { line } = reader;
  const word = reader.next();
  const exit = word.value === 'exit';
  let label = '';
  if (!reader.is(';') && !reader.is('when')) {
    const token = reader.name();
    label = token.value;
    const found = findLabel(parser.names, label);
    if (found === null)
      throw reader.fault(token, `there is no label "${label}" attached to any block or loop enclosing this statement`);
    if (!exit && !found.loop) throw reader.fault(token, `block label "${label}" cannot be used in CONTINUE`);
  } else if (!insideLoop(parser.names)) {
    const message = exit
      ? 'EXIT cannot be used outside a loop, unless it has a label'
      : 'CONTINUE cannot be used outside a loop';
    throw reader.fault(word, message);
  }
  const condition = reader.accept('when') ? parser.expression([';']) : null;
  if (condition === null) reader.expect(';');
  return { kind: 'exit', line, exit, label, condition };
}

function parseNull(parser: FunctionParser): null {
  parser.reader.next();
  parser.reader.expect(';');
  return null;
}

function parseTransaction(parser: FunctionParser): TransactionStatement {
  const { reader } = parser;
  const { line } = reader;
  const kind = reader.next().value === 'commit' ? 'commit' : 'rollback';
  let chain = false;
  if (reader.accept('and')) {
    chain = !reader.accept('no');
    reader.expect('chain');
  }
  reader.expect(';');
  return { kind, line, chain };
}

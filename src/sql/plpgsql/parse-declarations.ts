/** DECLARE: variables, constants, aliases and cursors. */
import { SqlError } from '../../errors/sql-error.js';
import type { FunctionParser } from './function-parser.js';
import { findName } from './names.js';
import type { Token } from './scanner.js';
import type { CursorDeclaration, Fragment, PlType } from './syntax.js';

/** Reads up to BEGIN. Returns the variables that get values at the block's entry. */
export function parseDeclarations(parser: FunctionParser): number[] {
  const { reader } = parser;
  const variables: number[] = [];
  while (!reader.is('begin')) {
    if (reader.accept('declare')) continue;
    if (reader.is('<<')) throw reader.fault(reader.peek(), 'block label must be placed before DECLARE, not after');
    const dno = parseDeclaration(parser);
    if (dno !== null) variables.push(dno);
  }
  return variables;
}

function parseDeclaration(parser: FunctionParser): number | null {
  const { reader } = parser;
  const token = reader.peek();
  const line = reader.line;
  if (token.kind !== 'word' || reader.isReserved(token)) throw reader.syntaxError();
  reader.next();
  parser.checkNew(token);
  if (reader.is('alias') && reader.is('for', 1)) return parseAlias(parser, token);
  const cursor = parseCursor(parser, token, line);
  if (cursor !== null) return cursor;
  const constant = reader.accept('constant');
  const typeToken = reader.peek();
  const type = parseType(parser);
  const collate = parseCollation(parser, type, typeToken);
  const notToken = reader.peek();
  const notNull = reader.is('not') && reader.is('null', 1);
  if (notNull) {
    reader.next();
    reader.next();
  }
  const initial = parseDefault(parser);
  if (notNull && initial === null) {
    const message = `variable "${token.value}" must have a default value, since it's declared NOT NULL`;
    throw reader.fault(notToken, message, 'null_value_not_allowed');
  }
  parser.types.checkVariable(token.value, collate);
  return parser.declare({ name: token.value, line, type: collate, constant, notNull, initial });
}

function parseDefault(parser: FunctionParser): Fragment | null {
  const { reader } = parser;
  if (reader.accept(';')) return null;
  if (reader.accept(':=') || reader.accept('=') || reader.accept('default')) return parser.expression([';']);
  throw reader.syntaxError();
}

function parseCollation(parser: FunctionParser, type: PlType, token: Token): PlType {
  const { reader } = parser;
  if (!reader.accept('collate')) return type;
  reader.path();
  if (type.oid === parser.types.standard.integer.oid)
    throw reader.fault(token, 'collations are not supported by type integer', 'datatype_mismatch');
  return type;
}

function parseAlias(parser: FunctionParser, token: Token): null {
  const { reader } = parser;
  reader.next();
  reader.next();
  const of = reader.peek();
  if (of.kind === 'param') {
    reader.next();
    const found = findName(parser.names, [of.value]);
    if (found === null) throw reader.fault(of, `variable "${of.value}" does not exist`, 'undefined_object');
    parser.nameVariable(token.value, found.dno);
  } else {
    const path = reader.path().map(({ value }) => value);
    const found = findName(parser.names, path);
    if (found === null || found.used < path.length)
      throw reader.fault(of, `variable "${path.join('.')}" does not exist`, 'undefined_object');
    parser.nameVariable(token.value, found.dno);
  }
  reader.expect(';');
  return null;
}

/** `name [NO] SCROLL CURSOR (arguments) FOR query`; null: it is something else. */
function parseCursor(parser: FunctionParser, token: Token, line: number): number | null {
  const { reader } = parser;
  let scroll: boolean | null = null;
  if (reader.is('no') && reader.is('scroll', 1)) {
    reader.next();
    reader.next();
    scroll = false;
  } else if (reader.is('scroll') && reader.is('cursor', 1)) {
    reader.next();
    scroll = true;
  }
  if (!reader.is('cursor') || (scroll === null && !isCursorHead(parser))) {
    if (scroll !== null) throw reader.syntaxError();
    return null;
  }
  reader.next();
  const cursor = parser.scoped((): CursorDeclaration => {
    parser.pushLabel('', false);
    const parameters = reader.accept('(') ? cursorParameters(parser) : [];
    if (!reader.accept('for') && !reader.accept('is')) throw reader.syntaxError();
    const span = reader.span([';'], 'statement');
    reader.check('', span.text, span.offset);
    return { query: parser.fragment(span, 'statement'), parameters, scroll };
  });
  return parser.declareCursor({ name: token.value, line, cursor });
}

function isCursorHead(parser: FunctionParser): boolean {
  const { reader } = parser;
  return reader.is('(', 1) || reader.is('for', 1) || reader.is('is', 1);
}

function cursorParameters(parser: FunctionParser): number[] {
  const { reader } = parser;
  const parameters: number[] = [];
  do {
    const token = reader.name();
    parser.checkNew(token);
    const type = parseType(parser, [',', ')']);
    parameters.push(parser.declare({ name: token.value, type, line: reader.lineOf(token.start) }));
  } while (reader.accept(','));
  reader.expect(')');
  return parameters;
}

const TYPE_ENDS = [';', ':=', '=', 'default', 'not', 'collate'];

/** A type, up to what may stand behind it. @throws SqlError 42601, 42704 */
export function parseType(parser: FunctionParser, ends: readonly string[] = TYPE_ENDS): PlType {
  const { reader } = parser;
  const token = reader.peek();
  const reference = token.kind === 'word' || token.kind === 'param' ? parseReference(parser) : null;
  if (reference !== null) return reference;
  let last: Token | null = null;
  for (let depth = 0; ; ) {
    const next = reader.peek();
    if (next.kind === 'end' || next.text === ';' || (depth === 0 && ends.some((end) => reader.is(end)))) {
      if (depth > 0) throw reader.syntaxError('mismatched parentheses');
      if (next.kind === 'end') throw reader.syntaxError('incomplete data type declaration');
      break;
    }
    if (next.text === '(' || next.text === '[') depth++;
    if (next.text === ')' || next.text === ']') depth--;
    last = reader.next();
  }
  if (last === null) throw reader.syntaxError('missing data type declaration');
  const text = reader.source.slice(token.start, last.end);
  try {
    return parser.types.named(text);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    if (error.fields.position === undefined) throw error.at(reader.fault(token, '').fields.position);
    error.fields = { ...error.fields, where: `invalid type name "${text}"` };
    throw reader.placed(error, parser.types.typePrefix, token.start);
  }
}

/** `name%TYPE` and `name%ROWTYPE`; null (and nothing is read) for anything else. */
function parseReference(parser: FunctionParser): PlType | null {
  const { reader } = parser;
  const { mark } = reader;
  const token = reader.next();
  const path = [token];
  while (reader.is('.') && reader.peek(1).kind === 'word') {
    reader.next();
    path.push(reader.next());
  }
  const names = path.map(({ value }) => value);
  if (reader.is('%') && (reader.is('type', 1) || reader.is('rowtype', 1))) {
    reader.next();
    const row = reader.next().value === 'rowtype';
    if (row) return parser.types.ofRow(names);
    const found = findName(parser.names, names);
    if (found !== null && found.used === names.length) return parser.variables[found.dno].type;
    const column = parser.types.ofColumn(names);
    if (column !== null) return column;
    const written = reader.source.slice(token.start, reader.peek(-1).end);
    const error = reader.syntaxError('syntax error', reader.peek(-2));
    error.fields = { ...error.fields, where: `invalid type name "${written}"` };
    throw error;
  }
  reader.back(mark);
  return null;
}

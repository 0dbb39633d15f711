/** OPEN, FETCH, MOVE and CLOSE, and the arguments of bound cursors. */
import { quoteIdentifier } from '../../types/quote-identifier.js';
import type { FunctionParser } from './function-parser.js';
import type {
  CloseStatement,
  CursorDeclaration,
  FetchDirection,
  FetchStatement,
  Fragment,
  OpenStatement,
  Variable,
} from './syntax.js';

export function parseOpen(parser: FunctionParser): OpenStatement {
  const { reader } = parser;
  const { line } = reader;
  reader.next();
  const cursor = parser.cursorVariable();
  const variable = parser.variables[cursor];
  const base = { kind: 'open', line, cursor, scroll: null, args: null, query: null, dynamic: null, using: [] } as const;
  if (variable.cursor !== null) {
    const args = parseCursorArguments(parser, variable, variable.cursor);
    reader.expect(';');
    return { ...base, args };
  }
  const scroll = parseScroll(parser);
  if (!reader.accept('for')) throw reader.syntaxError('syntax error, expected "FOR"');
  if (!reader.accept('execute')) {
    const span = reader.span([';'], 'statement');
    reader.check('', span.text, span.offset);
    return { ...base, scroll, query: parser.fragment(span, 'statement') };
  }
  const { fragment: dynamic, until } = parser.expressionUntil(['using', ';'], 'USING or ;');
  const using = until === 'using' ? parser.expressionList([';']).list : [];
  return { ...base, scroll, dynamic, using };
}

function parseScroll(parser: FunctionParser): boolean | null {
  const { reader } = parser;
  if (reader.accept('scroll')) return true;
  if (!reader.accept('no')) return null;
  reader.expect('scroll');
  return false;
}

/** `(expression, name := expression, …)` in the order of the parameters; null where the cursor has none. */
export function parseCursorArguments(
  parser: FunctionParser,
  variable: Variable,
  cursor: CursorDeclaration,
): Fragment | null {
  const { reader } = parser;
  const token = reader.peek();
  const { parameters } = cursor;
  if (parameters.length === 0) {
    if (reader.is('(')) throw reader.fault(token, `cursor "${variable.name}" has no arguments`);
    return null;
  }
  if (!reader.is('(')) throw reader.fault(token, `cursor "${variable.name}" has arguments`);
  reader.next();
  const given: (string | undefined)[] = parameters.map(() => undefined);
  let anyNamed = false;
  for (let i = 0; ; i++) {
    const at = reader.peek();
    const named = at.kind === 'word' && (reader.is(':=', 1) || reader.is('=>', 1));
    const position = named ? parameters.findIndex((dno) => parser.variables[dno].name === at.value) : i;
    if (position < 0) throw reader.fault(at, `cursor "${variable.name}" has no argument named "${at.value}"`);
    if (named) {
      anyNamed = true;
      reader.next();
      reader.next();
    }
    if (position >= parameters.length) throw reader.fault(at, `too many arguments for cursor "${variable.name}"`);
    if (given[position] !== undefined) {
      const name = parser.variables[parameters[position]].name;
      const message = `value for parameter "${name}" of cursor "${variable.name}" specified more than once`;
      throw reader.fault(at, message);
    }
    const { fragment, until } = parser.expressionUntil([',', ')'], '," or ")');
    given[position] = fragment.text;
    if (until === ')') break;
  }
  if (given.includes(undefined))
    throw reader.fault(reader.peek(-1), `not enough arguments for cursor "${variable.name}"`);
  const named = given.map((text, i) => `${text} AS ${quoteIdentifier(parser.variables[parameters[i]].name)}`);
  return parser.fragment({ text: (anyNamed ? named : given).join(', '), offset: token.start, until: ')' });
}

export function parseFetch(parser: FunctionParser): FetchStatement {
  const { reader } = parser;
  const { line } = reader;
  const word = reader.next();
  const direction = parseDirection(parser);
  const cursor = parser.cursorVariable();
  if (direction.manyRows)
    throw reader.fault(word, 'FETCH statement cannot return multiple rows', 'feature_not_supported');
  reader.expect('into');
  const into = parser.intoTarget();
  reader.expect(';');
  return { kind: 'fetch', line, cursor, move: false, direction, into };
}

export function parseMove(parser: FunctionParser): FetchStatement {
  const { reader } = parser;
  const { line } = reader;
  reader.next();
  const direction = parseDirection(parser);
  const cursor = parser.cursorVariable();
  reader.expect(';');
  return { kind: 'fetch', line, cursor, move: true, direction, into: null };
}

const ONE: FetchDirection = { direction: 'forward', count: 1, countExpression: null, manyRows: false };

/** The direction with the FROM or IN behind it, where there is one. */
function parseDirection(parser: FunctionParser): FetchDirection {
  const { reader } = parser;
  const { mark } = reader;
  if (parser.tryTarget() !== null && (reader.is('into') || reader.is(';'))) {
    reader.back(mark);
    return ONE;
  }
  reader.back(mark);
  const word = reader.peek();
  const known = word.kind === 'word' && !word.quoted ? DIRECTIONS[word.value] : undefined;
  if (known !== undefined) reader.next();
  const direction =
    known?.(parser) ?? (reader.is('from') || reader.is('in') ? ONE : counted(parser, 'forward', ['from', 'in']));
  if (reader.is('from') || reader.is('in')) reader.next();
  return direction;
}

const DIRECTIONS: Readonly<Record<string, (parser: FunctionParser) => FetchDirection>> = {
  next: () => ONE,
  prior: () => ({ ...ONE, direction: 'backward' }),
  first: () => ({ ...ONE, direction: 'absolute' }),
  last: () => ({ ...ONE, direction: 'absolute', count: -1 }),
  all: () => ({ ...ONE, count: null, manyRows: true }),
  absolute: (parser) => ({ ...counted(parser, 'absolute', ['from', 'in']), manyRows: false }),
  relative: (parser) => ({ ...counted(parser, 'relative', ['from', 'in']), manyRows: false }),
  forward: (parser) => manyOf(parser, 'forward'),
  backward: (parser) => manyOf(parser, 'backward'),
};

function manyOf(parser: FunctionParser, direction: 'forward' | 'backward'): FetchDirection {
  const { reader } = parser;
  if (reader.is('from') || reader.is('in')) return { ...ONE, direction };
  if (reader.accept('all')) return { ...ONE, direction, count: null, manyRows: true };
  const { mark } = reader;
  const isCursor = parser.tryTarget() !== null && (reader.is('into') || reader.is(';'));
  reader.back(mark);
  return isCursor ? { ...ONE, direction } : counted(parser, direction, ['from', 'in']);
}

/** An expression up to FROM or IN, which is left. */
function counted(
  parser: FunctionParser,
  direction: FetchDirection['direction'],
  ends: readonly string[],
): FetchDirection {
  const { reader } = parser;
  const { fragment } = parser.expressionUntil(ends, 'FROM or IN');
  reader.back(reader.mark - 1);
  return { direction, count: 1, countExpression: fragment, manyRows: true };
}

export function parseClose(parser: FunctionParser): CloseStatement {
  const { line } = parser.reader;
  parser.reader.next();
  const cursor = parser.cursorVariable();
  parser.reader.expect(';');
  return { kind: 'close', line, cursor };
}

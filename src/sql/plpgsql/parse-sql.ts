/** SQL statements with and without INTO, PERFORM, EXECUTE, CALL and DO, GET DIAGNOSTICS. */
import type { FunctionParser } from './function-parser.js';
import type { Token } from './scanner.js';
import type {
  CallStatement,
  DiagnosticsStatement,
  ExecuteStatement,
  Fragment,
  IntoTarget,
  PerformStatement,
  SqlStatement,
} from './syntax.js';

interface Into {
  readonly target: IntoTarget;
  readonly strict: boolean;
}

/** INTO [STRICT] target, behind INTO. */
function parseInto(parser: FunctionParser): Into {
  const strict = parser.reader.accept('strict');
  return { target: parser.intoTarget(), strict };
}

export function parseSqlStatement(parser: FunctionParser): SqlStatement {
  const { reader } = parser;
  const { line } = reader;
  const first = reader.next();
  const follows = reader.peek().text;
  if (!reader.isReserved(first) && ['=', ':=', '[', '.'].includes(follows)) throw unknownTarget(parser, first);
  if (reader.isReserved(first) && first.value !== 'strict') throw reader.syntaxError('syntax error', first);
  let into: Into | null = null;
  let text = '';
  let from = first.start;
  let previous = first;
  for (let depth = 0, blocks = 0; ; ) {
    if (reader.is(';') && depth === 0 && blocks === 0) break;
    const token = reader.next();
    if (token.kind === 'end') throw reader.syntaxError('unexpected end of function definition', token);
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    blocks = insideAtomic(parser, first, token, blocks);
    if (isInto(first, previous, token)) {
      if (into !== null) throw reader.syntaxError('INTO specified more than once', token);
      into = parseInto(parser);
      const next = reader.peek();
      text += reader.source.slice(from, token.start) + ' '.repeat(next.start - token.start);
      from = next.start;
    }
    previous = token;
  }
  text = (text + reader.source.slice(from, reader.peek().start)).trimEnd();
  reader.next();
  reader.check('', text, first.start);
  const query: Fragment = { kind: 'statement', text, offset: first.start, start: 0, names: parser.names };
  return { kind: 'sql', line, query, into: into?.target ?? null, strict: into?.strict ?? false };
}

/** BEGIN ATOMIC … END of CREATE FUNCTION has statements of its own. */
function insideAtomic(parser: FunctionParser, first: Token, token: Token, blocks: number): number {
  if (first.value !== 'create' || token.kind !== 'word' || token.quoted) return blocks;
  if (token.value === 'begin' && parser.reader.is('atomic')) return blocks + 1;
  if (blocks > 0 && token.value === 'case') return blocks + 1;
  return blocks > 0 && token.value === 'end' ? blocks - 1 : blocks;
}

function isInto(first: Token, previous: Token, token: Token): boolean {
  if (token.kind !== 'word' || token.quoted || token.value !== 'into') return false;
  return previous.value !== 'insert' && previous.value !== 'merge' && first.value !== 'import';
}

function unknownTarget(parser: FunctionParser, first: Token): Error {
  const { reader } = parser;
  let text = first.text;
  for (let i = 0; reader.is('.', i) && reader.peek(i + 1).kind === 'word'; i += 2)
    text += `.${reader.peek(i + 1).text}`;
  return reader.fault(first, `"${text}" is not a known variable`);
}

export function parsePerform(parser: FunctionParser): PerformStatement {
  const { reader } = parser;
  const { line } = reader;
  const word = reader.next();
  if (reader.accept(';')) {
    const empty = { text: 'SELECT', offset: word.start, until: ';' };
    return { kind: 'perform', line, query: parser.fragment(empty, 'statement') };
  }
  const span = reader.span([';'], 'statement');
  const text = `SELECT${reader.source.slice(word.end, span.offset + span.text.length)}`;
  const offset = word.end - 'SELECT'.length;
  reader.check('', text, offset);
  return { kind: 'perform', line, query: parser.fragment({ text, offset, until: ';' }, 'statement') };
}

export function parseCall(parser: FunctionParser): CallStatement {
  const { reader } = parser;
  const { line } = reader;
  const isCall = reader.is('call');
  const span = reader.span([';'], 'statement');
  reader.check('', span.text, span.offset);
  return { kind: 'call', line, query: parser.fragment(span, 'statement'), isCall };
}

export function parseExecute(parser: FunctionParser): ExecuteStatement {
  const { reader } = parser;
  const { line } = reader;
  reader.next();
  let { fragment: query, until } = parser.expressionUntil(['into', 'using', ';'], 'INTO or USING or ;');
  let into: Into | null = null;
  let using: Fragment[] | null = null;
  while (until !== ';') {
    if (until === 'into') {
      if (into !== null) throw reader.syntaxError();
      into = parseInto(parser);
      const token = reader.next();
      if (!['using', 'into', ';'].includes(token.value)) throw reader.syntaxError('syntax error', token);
      until = token.value;
    } else {
      if (using !== null) throw reader.syntaxError();
      ({ list: using, until } = parser.expressionList([';', 'into']));
    }
  }
  query = { ...query };
  return {
    kind: 'execute',
    line,
    query,
    into: into?.target ?? null,
    strict: into?.strict ?? false,
    using: using ?? [],
  };
}

const CURRENT_ITEMS = ['row_count', 'pg_context'];
const STACKED_ITEMS = [
  'pg_exception_context',
  'pg_exception_detail',
  'pg_exception_hint',
  'returned_sqlstate',
  'column_name',
  'constraint_name',
  'pg_datatype_name',
  'message_text',
  'table_name',
  'schema_name',
];

export function parseGet(parser: FunctionParser): DiagnosticsStatement {
  const { reader } = parser;
  const { line } = reader;
  const start = reader.next();
  const stacked = reader.is('stacked');
  if (stacked || reader.is('current')) reader.next();
  reader.expect('diagnostics');
  const items: { item: string; target: ReturnType<FunctionParser['target']>['target'] }[] = [];
  do {
    const { target, token, composite } = parser.target();
    if (composite) throw reader.fault(token, `"${target.name}" is not a scalar variable`);
    if (!reader.accept(':=')) reader.expect('=');
    const item = reader.next();
    if (item.kind !== 'word' || ![...CURRENT_ITEMS, ...STACKED_ITEMS].includes(item.value))
      throw reader.syntaxError('unrecognized GET DIAGNOSTICS item', item);
    items.push({ item: item.value, target });
  } while (reader.accept(','));
  reader.expect(';');
  for (const { item } of items) {
    const kind = stacked ? 'STACKED' : 'CURRENT';
    if ((stacked ? STACKED_ITEMS : CURRENT_ITEMS).includes(item)) continue;
    const message = `diagnostics item ${item.toUpperCase()} is not allowed in GET ${kind} DIAGNOSTICS`;
    throw reader.fault(start, message);
  }
  return { kind: 'diagnostics', line, stacked, items };
}

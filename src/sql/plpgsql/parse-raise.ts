/** RAISE in all its forms, and ASSERT. */
import { sqlError } from '../../errors/sql-error.js';
import { conditionCodes, isSqlstate } from './conditions.js';
import type { FunctionParser } from './function-parser.js';
import type { AssertStatement, Fragment, RaiseLevel, RaiseOption, RaiseStatement } from './syntax.js';

const LEVELS: readonly string[] = ['debug', 'log', 'info', 'notice', 'warning', 'exception'] satisfies RaiseLevel[];
const OPTIONS: readonly string[] = [
  'errcode',
  'message',
  'detail',
  'hint',
  'column',
  'constraint',
  'datatype',
  'table',
  'schema',
] satisfies RaiseOption[];

function isLevel(word: string): word is RaiseLevel {
  return LEVELS.includes(word);
}

function isOption(word: string): word is RaiseOption {
  return OPTIONS.includes(word);
}

type Options = RaiseStatement['options'];

export function parseRaise(parser: FunctionParser): RaiseStatement {
  const { reader } = parser;
  const { line } = reader;
  reader.next();
  let level: RaiseLevel = 'exception';
  const word = reader.peek();
  if (word.kind === 'word' && !word.quoted && isLevel(word.value)) {
    level = word.value;
    reader.next();
  }
  const base = { kind: 'raise', line, level, condition: null, format: null, parameters: [], options: [] } as const;
  if (reader.is(';') && word.start === reader.peek().start) {
    reader.next();
    return base;
  }
  if (reader.is(';')) throw reader.syntaxError();
  if (reader.peek().kind === 'string') {
    const format = reader.next().value;
    const { parameters, options } = formatArguments(parser);
    checkPlaceholders(format, parameters);
    return { ...base, format, parameters, options };
  }
  const condition = reader.is('using') ? null : conditionName(parser);
  let options: Options = [];
  if (reader.accept('using')) options = parseOptions(parser);
  else reader.expect(';');
  return { ...base, condition, options };
}

/** @throws SqlError 42704, 42601 */
function conditionName(parser: FunctionParser): string {
  const { reader } = parser;
  const token = reader.peek();
  if (token.kind !== 'word') throw reader.syntaxError();
  if (reader.is('sqlstate') && reader.peek(1).kind === 'string') {
    reader.next();
    const code = reader.next();
    if (!isSqlstate(code.value)) throw reader.syntaxError('invalid SQLSTATE code', code);
    return code.value;
  }
  reader.name();
  if (token.value === 'others' || conditionCodes(token.value) === undefined)
    throw sqlError('undefined_object', `unrecognized exception condition "${token.value}"`);
  if (!reader.is(';') && !reader.is('using')) throw reader.syntaxError();
  return token.value;
}

function formatArguments(parser: FunctionParser): { parameters: Fragment[]; options: Options } {
  const { reader } = parser;
  const parameters: Fragment[] = [];
  const token = reader.next();
  let until = token.text === ',' || token.text === ';' ? token.text : token.value;
  if (until !== ',' && until !== ';' && until !== 'using') throw reader.syntaxError('syntax error', token);
  while (until === ',') {
    const { fragment, until: end } = parser.expressionUntil([',', ';', 'using'], ', or ; or USING');
    parameters.push(fragment);
    until = end;
  }
  return { parameters, options: until === 'using' ? parseOptions(parser) : [] };
}

function parseOptions(parser: FunctionParser): Options {
  const { reader } = parser;
  const options: Options[number][] = [];
  for (;;) {
    const token = reader.next();
    if (token.kind !== 'word' || !isOption(token.value))
      throw reader.syntaxError('unrecognized RAISE statement option', token);
    if (!reader.accept(':=')) reader.expect('=');
    const { fragment: value, until } = parser.expressionUntil([',', ';'], ', or ;');
    options.push({ option: token.value, value });
    if (until === ';') return options;
  }
}

/** @throws SqlError 42601 when there are more or fewer % than parameters */
function checkPlaceholders(format: string, parameters: readonly Fragment[]): void {
  const wanted = format.replaceAll('%%', '').split('%').length - 1;
  if (wanted < parameters.length) throw sqlError('syntax_error', 'too many parameters specified for RAISE');
  if (wanted > parameters.length) throw sqlError('syntax_error', 'too few parameters specified for RAISE');
}

export function parseAssert(parser: FunctionParser): AssertStatement {
  const { line } = parser.reader;
  parser.reader.next();
  const { fragment: condition, until } = parser.expressionUntil([',', ';'], ', or ;');
  const message = until === ',' ? parser.expression([';']) : null;
  return { kind: 'assert', line, condition, message };
}

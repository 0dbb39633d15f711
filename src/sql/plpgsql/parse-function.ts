/** The parser's door: the text of a function to its tree. */
import { FunctionParser, type Signature, type TypeSource } from './function-parser.js';
import { parseLabel } from './parse-labels.js';
import { parseBlock, parseStatement } from './parse-statements.js';
import type { BlockStatement, PlFunction, TriggerVariables, VariableConflict } from './syntax.js';
import { TokenReader } from './token-reader.js';

/**
 * Reads a function. `checks`: SQL fragments are parsed as well, which CREATE FUNCTION and DO do.
 * @throws SqlError with the position in the text and, as `line`, where reading has stopped
 */
export function parseFunction(source: string, signature: Signature, types: TypeSource, checks: boolean): PlFunction {
  const reader = new TokenReader(source, checks);
  const parser = new FunctionParser(reader, types, signature, parseStatement);
  try {
    return readFunction(parser);
  } catch (error) {
    throw new CompilationFault(error, reader.lineOf(reader.peek(-1).start));
  }
}

/** What is wrong with a function, and near which line. */
export class CompilationFault {
  constructor(
    readonly error: unknown,
    readonly line: number,
  ) {}
}

function readFunction(parser: FunctionParser): PlFunction {
  parser.pushLabel(parser.signature.name, false);
  const inputs: number[] = [];
  const outputs: number[] = [];
  parser.signature.parameters.forEach((parameter, i) => {
    const dno = parser.declare({ name: `$${i + 1}`, type: parameter.type });
    if (parameter.name !== '') {
      parser.variables[dno] = { ...parser.variables[dno], name: parameter.name };
      parser.nameVariable(parameter.name, dno);
    }
    if ('ibv'.includes(parameter.mode)) inputs.push(dno);
    if ('obt'.includes(parameter.mode)) outputs.push(dno);
  });
  const { ownResult } = parser.signature;
  if (ownResult !== null) parser.declare({ name: '$0', type: ownResult });
  const trigger = triggerVariables(parser);
  const found = parser.declare({ name: 'found', type: parser.types.standard.boolean });
  const options = parseOptions(parser);
  const body = parseBody(parser);
  return { variables: parser.variables, inputs, outputs, found, trigger, body, ...options };
}

function parseBody(parser: FunctionParser): BlockStatement {
  const { reader } = parser;
  const label = reader.is('<<') ? parseLabel(parser) : '';
  if (!reader.is('declare') && !reader.is('begin')) throw reader.syntaxError();
  const body = parseBlock(parser, label);
  reader.accept(';');
  if (reader.peek().kind !== 'end') throw reader.syntaxError();
  return body;
}

type Options = Pick<PlFunction, 'conflict' | 'printStrictParameters'>;

const CONFLICTS: Readonly<Record<string, VariableConflict>> = {
  error: 'error',
  use_variable: 'use_variable',
  use_column: 'use_column',
};

/** `#option dump`, `#variable_conflict use_column`, `#print_strict_params on` */
function parseOptions(parser: FunctionParser): Options {
  const { reader } = parser;
  let options: Options = { conflict: null, printStrictParameters: null };
  while (reader.accept('#')) {
    const option = reader.next();
    const value = reader.next();
    const conflict = CONFLICTS[value.value];
    if (option.value === 'option' && value.value === 'dump') continue;
    if (option.value === 'variable_conflict' && conflict !== undefined) options = { ...options, conflict };
    else if (option.value === 'print_strict_params' && (value.value === 'on' || value.value === 'off'))
      options = { ...options, printStrictParameters: value.value === 'on' };
    else throw reader.syntaxError('syntax error', option);
  }
  return options;
}

function triggerVariables(parser: FunctionParser): TriggerVariables | null {
  const { text, integer } = parser.types.standard;
  const { record, named } = { record: parser.types.record, named: (name: string) => parser.types.named(name) };
  if (parser.signature.result === 'event trigger') {
    parser.declare({ name: 'tg_event', type: text });
    parser.declare({ name: 'tg_tag', type: text });
    return null;
  }
  if (parser.signature.result !== 'trigger') return null;
  return {
    new: parser.declare({ name: 'new', type: record }),
    old: parser.declare({ name: 'old', type: record }),
    name: parser.declare({ name: 'tg_name', type: named('name') }),
    when: parser.declare({ name: 'tg_when', type: text }),
    level: parser.declare({ name: 'tg_level', type: text }),
    op: parser.declare({ name: 'tg_op', type: text }),
    relid: parser.declare({ name: 'tg_relid', type: named('oid') }),
    relname: parser.declare({ name: 'tg_relname', type: named('name') }),
    tableName: parser.declare({ name: 'tg_table_name', type: named('name') }),
    tableSchema: parser.declare({ name: 'tg_table_schema', type: named('name') }),
    nargs: parser.declare({ name: 'tg_nargs', type: integer }),
    argv: parser.declare({ name: 'tg_argv', type: named('text[]') }),
  };
}

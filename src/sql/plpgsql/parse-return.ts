/** RETURN, RETURN NEXT and RETURN QUERY. */
import type { FunctionParser } from './function-parser.js';
import type { Token } from './scanner.js';
import type { ReturnNextStatement, ReturnQueryStatement, ReturnStatement } from './syntax.js';

export function parseReturn(parser: FunctionParser): ReturnStatement | ReturnNextStatement | ReturnQueryStatement {
  const { reader } = parser;
  const { line } = reader;
  const word = reader.next();
  if (reader.is('next')) return returnNext(parser, line, word);
  if (reader.is('query')) return returnQuery(parser, line, word);
  const token = reader.peek();
  const refused = refusedValue(parser);
  if (refused === null) return { kind: 'return', line, value: parser.expression([';']) };
  if (reader.accept(';')) return { kind: 'return', line, value: null };
  const { message, hint } = refused;
  const error = reader.fault(token, message, refused.syntax ? 'syntax_error' : 'datatype_mismatch');
  if (hint !== undefined) error.fields = { ...error.fields, hint };
  throw error;
}

/** Why RETURN takes no value here; null: it needs one. */
function refusedValue(parser: FunctionParser): { message: string; hint?: string; syntax?: boolean } | null {
  const { signature, hasOutputs } = parser;
  if (signature.returnsSet)
    return {
      message: 'RETURN cannot have a parameter in function returning set',
      hint: 'Use RETURN NEXT or RETURN QUERY.',
    };
  if (hasOutputs) return { message: 'RETURN cannot have a parameter in function with OUT parameters' };
  if (signature.result === 'void')
    return signature.procedure
      ? { message: 'RETURN cannot have a parameter in a procedure', syntax: true }
      : { message: 'RETURN cannot have a parameter in function returning void' };
  return null;
}

function returnNext(parser: FunctionParser, line: number, word: Token): ReturnNextStatement {
  const { reader } = parser;
  reader.next();
  if (!parser.signature.returnsSet)
    throw reader.fault(word, 'cannot use RETURN NEXT in a non-SETOF function', 'datatype_mismatch');
  if (!parser.hasOutputs) return { kind: 'return next', line, value: parser.expression([';']) };
  const token = reader.peek();
  if (reader.accept(';')) return { kind: 'return next', line, value: null };
  const message = 'RETURN NEXT cannot have a parameter in function with OUT parameters';
  throw reader.fault(token, message, 'datatype_mismatch');
}

function returnQuery(parser: FunctionParser, line: number, word: Token): ReturnQueryStatement {
  const { reader } = parser;
  reader.next();
  if (!parser.signature.returnsSet)
    throw reader.fault(word, 'cannot use RETURN QUERY in a non-SETOF function', 'datatype_mismatch');
  if (!reader.accept('execute')) {
    const span = reader.span([';'], 'statement');
    reader.check('', span.text, span.offset);
    return { kind: 'return query', line, query: parser.fragment(span, 'statement'), dynamic: false, using: [] };
  }
  const { fragment: query, until } = parser.expressionUntil([';', 'using'], '; or USING');
  const using = until === 'using' ? parser.expressionList([';']).list : [];
  return { kind: 'return query', line, query, dynamic: true, using };
}

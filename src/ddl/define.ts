/** CREATE AGGREGATE, OPERATOR, TYPE and COLLATION, which the grammar has as one kind of statement. */
import type { DefineStmt } from '@pgsql/types';
import { notSupported } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { createCollationStatement } from './collation.js';
import { createAggregateStatement } from './create-aggregate.js';
import { createOperatorStatement } from './create-operator.js';
import type { DdlContext } from './ddl-context.js';

export function* defineStatement(cx: DdlContext, statement: DefineStmt): Task<string> {
  switch (statement.kind) {
    case 'OBJECT_AGGREGATE':
      return yield* createAggregateStatement(cx, statement);
    case 'OBJECT_COLLATION':
      return yield* createCollationStatement(cx, statement);
    case 'OBJECT_OPERATOR':
      return yield* createOperatorStatement(cx, statement);
    default: {
      const word = (statement.kind ?? 'OBJECT_TYPE').slice('OBJECT_'.length);
      throw notSupported(`CREATE ${WORDS[word] ?? word}`);
    }
  }
}

const WORDS: Readonly<Record<string, string>> = {
  TSPARSER: 'TEXT SEARCH PARSER',
  TSDICTIONARY: 'TEXT SEARCH DICTIONARY',
  TSTEMPLATE: 'TEXT SEARCH TEMPLATE',
  TSCONFIGURATION: 'TEXT SEARCH CONFIGURATION',
};

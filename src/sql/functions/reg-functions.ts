/** to_regclass and kin: names to OIDs, NULL where there is no such object; and the cast of text to regclass. */
import { SqlError } from '../../errors/sql-error.js';
import type { ConditionName } from '../../errors/sqlstate.js';
import type { PgArray } from '../../types/datum.js';
import type { RegKind } from '../../types/type-context.js';
import { type CallContext, contextFunctions, type FunctionFamily } from './registry.js';

/** The errors that mean "no such object", as opposed to a malformed name. */
const NOT_FOUND: ReadonlySet<ConditionName> = new Set<ConditionName>([
  'undefined_table',
  'undefined_object',
  'undefined_function',
  'invalid_schema_name',
  'ambiguous_function',
]);

function lookUp(kind: RegKind): (cx: CallContext, name: string) => number | null {
  return (cx, name) => {
    try {
      return cx.catalog.regIn(kind, name);
    } catch (error) {
      if (error instanceof SqlError && NOT_FOUND.has(error.condition)) return null;
      throw error;
    }
  };
}

export const regFunctions: FunctionFamily = contextFunctions({
  to_regclass: lookUp('regclass'),
  to_regtype: lookUp('regtype'),
  to_regproc: lookUp('regproc'),
  to_regprocedure: lookUp('regprocedure'),
  to_regoper: lookUp('regoper'),
  to_regoperator: lookUp('regoperator'),
  to_regnamespace: lookUp('regnamespace'),
  to_regrole: lookUp('regrole'),
  to_regcollation: lookUp('regcollation'),
  oidvectortypes: (cx, types: PgArray) =>
    types.elements.map((type) => cx.catalog.formatType(Number(type), -1)).join(', '),
  text_regclass: (cx, name: string) => cx.catalog.regIn('regclass', name),
});

/** Prepared statements: parsed once, planned when needed, with the executions that can be used again. */
import type { Execution } from '../exec/executor.js';
import type { ParsedStatement } from '../sql/parser/parse.js';
import type { OutputField, PlannedStatement } from '../sql/plan/planned-statement.js';
import type { FieldDescription } from './result-sink.js';

export class Prepared {
  planned: PlannedStatement | null = null;
  /** Under which settings the plan was made (literals depend on some). */
  settingsVersion = -1;
  /** How often it has been run. */
  runs = 0;
  /** An instantiated plan that nobody is running. */
  idle: Execution | null = null;
  /** The result columns that `descriptions` were made of. */
  described: readonly OutputField[] | null = null;
  descriptions: readonly FieldDescription[] = [];
  /** Result columns of utility statements that give rows. */
  utilityFields: readonly OutputField[] | null = null;
  /** The same statement planned as a cursor's query, once a portal needed it: see `cursorForm`. */
  asCursor: Prepared | null = null;

  constructor(
    readonly name: string,
    readonly sql: string,
    /** Null for an empty query. */
    readonly statement: ParsedStatement | null,
    readonly declaredTypes: readonly number[],
    readonly preparedAt: number,
    /** Made by PREPARE rather than by the protocol. */
    readonly fromSql: boolean,
    /** False for simple queries, which have no parameters. */
    readonly hasParameters = true,
    /** The query of a DECLARE. */
    readonly forCursor = false,
  ) {}

  parameterTypes: readonly number[] = [];
  /** Makes the plan where the statement means something in its surroundings only: a cursor of a function. */
  planWith: (() => PlannedStatement) | null = null;
  private typedFields: readonly OutputField[] | null = null;
  private types: readonly number[] = [];

  /** The type OIDs of result columns; the same array as long as the columns are the same. */
  typesOf(fields: readonly OutputField[]): readonly number[] {
    if (this.typedFields !== fields) {
      this.typedFields = fields;
      this.types = fields.map((field) => field.type);
    }
    return this.types;
  }
}

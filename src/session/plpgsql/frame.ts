/**
 * One call of a function: its variables by number, where it stands, and what it has produced. Steps are compiled statements;
 * a step that never has to wait runs at once, and one that may have to gives the task that does the rest.
 */
import type { SqlError } from '../../errors/sql-error.js';
import type { RoutineCall } from '../../exec/exec-context.js';
import type { RecordField } from '../../sql/plan/expression.js';
import type { Fragment } from '../../sql/plpgsql/syntax.js';
import type { Datum } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { RoutineSettings } from '../routine-settings.js';
import type { CompiledFunction } from './compiled-function.js';

/** How a statement has ended. */
export const NEXT = 0;
export const EXIT = 1;
export const CONTINUE = 2;
export const RETURN = 3;
export type Code = 0 | 1 | 2 | 3;

/** The end of a statement, or what is left to be done before it. */
export type Outcome = Code | Task<Code>;

export interface Step {
  readonly line: number;
  /** As contexts of errors call it. */
  readonly what: string;
  run(frame: Frame): Outcome;
}

export class Frame {
  readonly values: Datum[];
  /** Fields of the records in variables of type record; null: not assigned yet. */
  readonly shapes: (readonly RecordField[] | null)[];
  /** The statement that runs; null outside of all. */
  at: Step | null = null;
  /** What is being done where no statement runs, with the line of a variable perhaps. */
  during: { readonly text: string; readonly line: number } | null = null;
  /** SQL that runs now, for contexts of messages. */
  sql: Fragment | null = null;
  /** Of EXIT and CONTINUE; '' for the innermost loop. */
  label = '';
  result: Datum = null;
  /** What makes the result one of the function's type; null where it is one. */
  resultCast: ((value: Datum) => Datum) | null = null;
  readonly results: Datum[] = [];
  rowCount: number | bigint = 0;
  /** What the innermost handler that runs is for. */
  handled: SqlError | null = null;
  /** An error that RAISE has thrown again: its context tells of this call already. */
  rethrown: SqlError | null = null;
  /** Subtransactions that blocks with handlers have open. */
  subtransactions = 0;
  /** Elements of arrays in variables that nothing else holds, by variable: they may be changed in place. */
  owned: Map<number, Datum[]> | null = null;
  /** What SET clauses and SECURITY DEFINER have changed. */
  settings: RoutineSettings | null = null;
  /** What the session's expressions had for parameters before the call. */
  outerParams: readonly Datum[] = [];

  constructor(
    readonly fn: CompiledFunction,
    readonly call: RoutineCall,
    /** COMMIT and ROLLBACK are allowed. */
    readonly nonAtomic: boolean,
  ) {
    this.values = new Array(fn.tree.variables.length).fill(null);
    this.shapes = new Array(fn.tree.variables.length).fill(null);
  }

  /** Where the call stands, as a line of a message's context. */
  describe(): string {
    const { signature } = this.fn;
    if (this.during !== null) {
      const { text, line } = this.during;
      return line > 0
        ? `PL/pgSQL function ${signature} line ${line} ${text}`
        : `PL/pgSQL function ${signature} ${text}`;
    }
    if (this.at === null) return `PL/pgSQL function ${signature}`;
    return `PL/pgSQL function ${signature} line ${this.at.line} at ${this.at.what}`;
  }
}

/** Runs statements one after the other. */
export function runSteps(frame: Frame, steps: readonly Step[]): Outcome {
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i];
    frame.at = step;
    const outcome = step.run(frame);
    if (outcome === NEXT) continue;
    return typeof outcome === 'number' ? outcome : finishSteps(frame, steps, i + 1, outcome);
  }
  return NEXT;
}

function* finishSteps(frame: Frame, steps: readonly Step[], from: number, first: Task<Code>): Task<Code> {
  const code = yield* first;
  if (code !== NEXT) return code;
  for (let i = from; i < steps.length; i++) {
    const step = steps[i];
    frame.at = step;
    const outcome = step.run(frame);
    if (outcome === NEXT) continue;
    const end = typeof outcome === 'number' ? outcome : yield* outcome;
    if (end !== NEXT) return end;
  }
  return NEXT;
}

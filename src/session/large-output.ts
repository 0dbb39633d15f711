/**
 * Output of values whose text takes long to make: it is made in slices before the row is given to the sink, which then
 * finds it ready. Rows without such values cost a short look at them.
 */

import type { Row } from '../types/datum.js';
import { isContainer, isJsonbNode } from '../types/json/jsonb.js';
import { forgetTexts, isLargeJsonb, JsonbFormatting, rememberText } from '../types/json/jsonb-format.js';
import * as oid from '../types/oids.js';
import { inSlices, type Task, type Wait } from '../util/task.js';

const STEPS = 256;

export class LargeOutput {
  private task: Task<void> | null = null;
  private column = 0;

  private constructor(private readonly columns: readonly number[]) {}

  /** Null when no column has values of such a type. */
  static of(types: readonly number[]): LargeOutput | null {
    const columns = types.flatMap((type, i) => (type === oid.JSONB ? [i] : []));
    return columns.length === 0 ? null : new LargeOutput(columns);
  }

  /** What has to be waited for before the row can be given; null when it can be. */
  prepare(row: Row): Wait | null {
    for (; this.column < this.columns.length; this.column++) {
      this.task ??= remember(row[this.columns[this.column]]);
      const step = this.task?.next();
      if (step?.done === false) return step.value;
      this.task = null;
    }
    this.column = 0;
    return null;
  }

  /** The row has been given. */
  given(): void {
    forgetTexts();
  }
}

function remember(value: unknown): Task<void> | null {
  return isJsonbNode(value) && isContainer(value) && isLargeJsonb(value) ? rememberInSlices(value) : null;
}

function* rememberInSlices(value: Parameters<typeof rememberText>[0]): Task<void> {
  const formatting = new JsonbFormatting(value);
  yield* inSlices(() => formatting.advance(STEPS));
  rememberText(value, formatting.text);
}

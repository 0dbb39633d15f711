/** Where a statement's rows go: to the client, or into a list for a portal that gives them in parts. */
import type { Row } from '../types/datum.js';
import type { TypeContext } from '../types/type-context.js';
import type { Wait } from '../util/task.js';
import type { KeptRows } from './kept-rows.js';
import type { Format, ResultSink } from './result-sink.js';

export type RowSink = Pick<ResultSink, 'startRows' | 'row' | 'crowded' | 'backpressure'>;

/** Has the rows described before the first one only: a utility statement that fails gives no description. */
export class DescribingSink implements RowSink {
  private described = false;

  constructor(
    private readonly sink: RowSink,
    private readonly sendDescription: () => void,
  ) {}

  /** To be called at the end as well, for a result without rows. */
  describe(): void {
    if (this.described) return;
    this.described = true;
    this.sendDescription();
  }

  startRows(types: readonly number[], formats: readonly Format[], cx: TypeContext): void {
    this.sink.startRows(types, formats, cx);
  }

  row(row: Row): void {
    this.describe();
    this.sink.row(row);
  }

  get crowded(): boolean {
    return this.sink.crowded;
  }

  backpressure(): Wait | null {
    return this.sink.backpressure();
  }
}

export class RowCollector implements RowSink {
  constructor(private readonly rows: KeptRows) {}
  readonly crowded = false;

  /** Whoever gives the rows on says how they are to be written. */
  startRows(): void {}

  row(row: Row): void {
    this.rows.add(row);
  }

  backpressure(): null {
    return null;
  }
}

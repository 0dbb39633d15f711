/** Where a statement's rows go: to the client, or into a list for a portal that gives them in parts. */
import type { Row } from '../types/datum.js';
import type { ResultSink } from './result-sink.js';

export type RowSink = Pick<ResultSink, 'startRows' | 'row' | 'backpressure'>;

export class RowCollector implements RowSink {
  readonly rows: Row[] = [];

  /** Whoever gives the rows on says how they are to be written. */
  startRows(): void {}

  row(row: Row): void {
    this.rows.push(row);
  }

  backpressure(): null {
    return null;
  }
}

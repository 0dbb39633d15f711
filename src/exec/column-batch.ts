/**
 * Rows of one page that a scan has selected, to be read column by column where that can be done, or as rows. A batch is
 * filled again and again by its scan.
 */
import type { HeapBatch } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Batch } from './operator.js';
import type { Dictionary, PageColumns } from './page-columns.js';

const NO_PAGE: HeapBatch = { rows: [], rowIds: [], length: 0 };

export class ColumnBatch implements Batch {
  length = 0;
  /** Where the selected rows are in the page. */
  positions: Int32Array = new Int32Array(0);
  private page = NO_PAGE;
  private columns: PageColumns | null = null;
  private selected: Row[] | null = null;
  /** Values of the selected rows by column, and for which filling of the batch they hold. */
  private readonly buffers: Float64Array[] = [];
  private readonly filledAt: number[] = [];
  private filling = 0;

  fill(page: HeapBatch, columns: PageColumns, positions: Int32Array, length: number): void {
    this.page = page;
    this.columns = columns;
    this.positions = positions;
    this.length = length;
    this.selected = null;
    this.filling++;
  }

  get rows(): Row[] {
    const { page, positions, length } = this;
    if (length === page.length) return page.rows;
    if (this.selected === null) {
      this.selected = [];
      for (let i = 0; i < length; i++) this.selected.push(page.rows[positions[i]]);
    }
    return this.selected;
  }

  rowAt(i: number): Row {
    return this.page.rows[this.positions[i]];
  }

  /** As `PageColumns.column`, for the selected rows. */
  numbers(slot: number, scale: number | null): Float64Array | null {
    const { positions, length } = this;
    const column = this.columns?.column(slot, scale) ?? null;
    if (column === null || length === this.page.length) return column;
    let buffer = this.buffers[slot];
    if (this.filledAt[slot] === this.filling) return buffer;
    if (buffer === undefined || buffer.length < length) buffer = new Float64Array(Math.max(256, length));
    for (let i = 0; i < length; i++) buffer[i] = column[positions[i]];
    this.buffers[slot] = buffer;
    this.filledAt[slot] = this.filling;
    return buffer;
  }

  /** Of the whole page: `codes` stand at the rows' positions. */
  dictionary(slot: number): Dictionary | null {
    return this.columns?.dictionary(slot) ?? null;
  }
}

/**
 * Some rows of a heap for the planner's estimates: newest committed versions, drawn at random from the pages that are in
 * memory, so that taking them waits for nothing. A sample is kept until the heap has grown or shrunk much, or for a while.
 */
import type { Row } from '../types/datum.js';
import type { RowId } from './api.js';
import { type HeapPage, PAGE_ROWS, pageOf, slotOf } from './heap-page.js';

const SAMPLE_ROWS = 1500;
/** Samples of large rows are smaller: bytes. */
const SAMPLE_BYTES = 2 * 1024 * 1024;
/** Packed pages that are opened for a sample; each costs a fraction of a millisecond. */
const MAX_OPENED = 24;
const KEPT_MS = 60_000;
/** As long nothing is tried again after too little was in memory. */
const RETRY_MS = 200;
const NO_ROWS: readonly Row[] = [];

export interface SampledHeap {
  readonly pages: readonly (HeapPage | undefined)[];
  readonly rowCount: number;
  readonly nextRowId: RowId;
  readonly columns: number;
  readonly averageRow: { readonly bytes: number };
}

export class RowSample {
  private rows: readonly Row[] = NO_ROWS;
  private rowCount = -1;
  private takenAt = 0;
  private retryAt = 0;

  /** The sample; empty when too little is in memory. The same array as long as it is the same sample. */
  of(heap: SampledHeap): readonly Row[] {
    if (!this.isCurrent(heap.rowCount) && performance.now() >= this.retryAt) {
      const rows = take(heap);
      const enough = rows.length * 4 >= Math.min(SAMPLE_ROWS, heap.rowCount);
      this.rows = enough ? rows : NO_ROWS;
      this.rowCount = enough ? heap.rowCount : -1;
      this.takenAt = performance.now();
      this.retryAt = enough ? 0 : this.takenAt + RETRY_MS;
    }
    return this.rows;
  }

  private isCurrent(rowCount: number): boolean {
    const like = rowCount <= this.rowCount * 1.3 && rowCount >= this.rowCount * 0.7;
    return this.rowCount >= 0 && like && performance.now() - this.takenAt < KEPT_MS;
  }
}

function take(heap: SampledHeap): Row[] {
  const wanted = Math.min(SAMPLE_ROWS, Math.ceil(SAMPLE_BYTES / Math.max(1, heap.averageRow.bytes)));
  const last = heap.nextRowId - 1;
  const rows: Row[] = [];
  if (heap.rowCount <= wanted && last <= wanted * 4) {
    for (let id = 1; id <= last; id++) pick(heap, id, rows, Number.POSITIVE_INFINITY);
    return rows;
  }
  let opened = 0;
  const draw = random(heap.rowCount);
  for (let tries = wanted * 2; tries > 0 && rows.length < wanted; tries--) {
    opened += pick(heap, 1 + Math.floor(draw() * last), rows, MAX_OPENED - opened);
  }
  return rows;
}

/** Adds the row if it is there to be read; 1 when a packed page had to be opened, which is done when `budget` allows. */
function pick(heap: SampledHeap, rowId: RowId, rows: Row[], budget: number): 0 | 1 {
  const page = heap.pages[pageOf(rowId)];
  if (page === undefined || !page.inMemory) return 0;
  const opens = page.isPacked;
  if (opens && budget <= 0) return 0;
  const row = page.rows?.[slotOf(rowId)] ?? null;
  if (row !== null && row.length >= heap.columns) rows.push(row);
  if (opens) for (let slot = 0; slot < PAGE_ROWS; slot += PAGE_ROWS / 32) addSlot(page, slot, heap.columns, rows);
  return opens ? 1 : 0;
}

/** An opened page was dear: several of its rows are taken. */
function addSlot(page: HeapPage, slot: number, columns: number, rows: Row[]): void {
  const row = page.rows?.[slot] ?? null;
  if (row !== null && row.length >= columns) rows.push(row);
}

/** Numbers in [0, 1), the same for the same seed, so that plans can be repeated. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

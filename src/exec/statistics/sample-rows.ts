/**
 * Rows of a table drawn at random for ANALYZE, as the statement's transaction sees them. Small tables are read whole; of
 * large ones some pages, spread evenly at random. The sample keeps the order in which the rows are stored.
 */
import type { RelationDesc } from '../../catalog/descriptors.js';
import { PAGE_ROWS } from '../../storage/heap-page.js';
import type { Row } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { ExecContext } from '../exec-context.js';
import { ANALYZE_PROGRESS, SAMPLING } from '../progress.js';

/** Pages that are read for a sample at least, where there are so many; more for samples that need more rows. */
const PAGES = 1500;
/** Rows that a page gives to a large sample at the most, on average. */
const ROWS_OF_PAGE = 20;

export interface TableSample {
  readonly rows: readonly Row[];
  /** Rows of the whole table: counted when all of it was read, otherwise estimated. */
  readonly total: number;
  readonly pages: number;
  readonly scannedPages: number;
  /** Live rows on the pages that were read. */
  readonly liveRows: number;
}

/** REQUIRES: `cx` is begun. `target`: rows wanted. Gives way while it reads. */
export function* sampleRows(cx: ExecContext, relation: RelationDesc, target: number): Task<TableSample> {
  const heap = cx.heap(relation);
  const snapshot = cx.transaction.latest();
  const pages = Math.ceil(heap.nextRowId / PAGE_ROWS);
  const chosen = choosePages(pages, Math.max(PAGES, Math.ceil(target / ROWS_OF_PAGE)));
  const reservoir = new Reservoir(target);
  const progress = cx.services.progress?.values;
  if (progress !== undefined) {
    progress[ANALYZE_PROGRESS.phase] = SAMPLING;
    progress[ANALYZE_PROGRESS.blocks] = chosen.reduce((sum, [first, end]) => sum + end - first, 0);
  }
  for (const [first, end] of chosen) {
    const scan = heap.scan(snapshot, first * PAGE_ROWS, end * PAGE_ROWS - 1);
    try {
      for (;;) {
        if (cx.overdue()) yield cx.giveWay();
        const batch = yield* scan.next();
        if (batch === null) break;
        if (progress !== undefined) progress[ANALYZE_PROGRESS.blocksDone]++;
        for (let i = 0; i < batch.length; i++) reservoir.offer(batch.rows[i]);
      }
    } finally {
      scan.close();
    }
  }
  const scannedPages = chosen.reduce((sum, [first, end]) => sum + end - first, 0);
  const { seen } = reservoir;
  const total = scannedPages === pages ? seen : Math.round((seen / scannedPages) * pages);
  return { rows: reservoir.rows(), total, pages, scannedPages, liveRows: seen };
}

/** Runs of pages, in order: all of them, or `wanted` single ones, each at random within its share of the table. */
function choosePages(pages: number, wanted: number): [number, number][] {
  if (pages <= wanted) return [[0, pages]];
  const chosen: [number, number][] = [];
  for (let i = 0; i < wanted; i++) {
    const from = Math.floor((i * pages) / wanted);
    const to = Math.floor(((i + 1) * pages) / wanted);
    const page = from + Math.floor(Math.random() * (to - from));
    chosen.push([page, page + 1]);
  }
  return chosen;
}

/** Each row that is offered is kept with the same probability (algorithm R). */
class Reservoir {
  seen = 0;
  private readonly kept: { readonly row: Row; readonly place: number }[] = [];

  constructor(private readonly size: number) {}

  offer(row: Row): void {
    const place = this.seen++;
    if (this.kept.length < this.size) this.kept.push({ row, place });
    else {
      const slot = Math.floor(Math.random() * this.seen);
      if (slot < this.size) this.kept[slot] = { row, place };
    }
  }

  /** In the order of their offers. */
  rows(): Row[] {
    if (this.seen > this.size) this.kept.sort((a, b) => a.place - b.place);
    return this.kept.map(({ row }) => row);
  }
}

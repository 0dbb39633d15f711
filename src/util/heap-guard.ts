/**
 * Asked before a single call makes a very large list or text, which no budget that is checked between batches could
 * stop: the engine ends the whole process when such an allocation fails, so it must not be tried.
 */
import { getHeapStatistics } from 'node:v8';
import { sqlError } from '../errors/sql-error.js';

/** Allocations below this are never refused: bytes. */
const SMALL = 8 * 1024 * 1024;
/** Largest list that the engine can hold: bytes. */
const LARGEST_LIST = 1024 * 1024 * 1024 - 1024;
/** How full the heap may become through one such allocation. */
const HEAP_SHARE = 0.9;

/** What an element of a list takes. */
export const ELEMENT_BYTES = 8;

/** Throws 53200 unless a list or text of `bytes` fits into what is left of the heap. */
export function requireHeap(bytes: number): void {
  if (bytes < SMALL) return;
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  if (bytes <= LARGEST_LIST && used + bytes <= limit * HEAP_SHARE) return;
  throw sqlError('out_of_memory', 'out of memory', {
    detail: `Failed on request of size ${Math.ceil(bytes)} in memory context "ExprContext".`,
  });
}

/** The same for an operation that may cut `text` into its characters: lists grow to twice of what they need. */
export function requireHeapForPieces(text: string): void {
  requireHeap(text.length * 2 * ELEMENT_BYTES);
}

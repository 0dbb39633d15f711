/** Rows of NULLs, for the side of an outer join that has no partner. */
import type { Row } from '../types/datum.js';

export function nullRow(length: number): Row {
  return new Array<null>(length).fill(null);
}

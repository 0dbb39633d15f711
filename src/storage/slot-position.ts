/** Position of the slot, or the complement of where it belongs. */
export function positionOf(slots: readonly number[], slot: number): number {
  let high = slots.length;
  if (high === 0 || slots[high - 1] < slot) return ~high;
  let low = 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (slots[middle] < slot) low = middle + 1;
    else high = middle;
  }
  return slots[low] === slot ? low : ~low;
}

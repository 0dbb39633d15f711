/**
 * A stable sort that gives way: short runs by the built-in sort, then merges bottom-up. It orders positions, not rows,
 * so that a comparator reads prepared keys.
 */
import type { Pace, Task } from './task.js';

/** The order of what is at two positions: negative, zero or positive. */
export type PositionOrder = (a: number, b: number) => number;

const RUN = 2048;

/** The positions 0 to `count` - 1 in order. */
export function* sortIndexes(cx: Pace, count: number, compare: PositionOrder): Task<Uint32Array> {
  let from = new Uint32Array(count);
  for (let i = 0; i < count; i++) from[i] = i;
  for (let start = 0; start < count; start += RUN) {
    if (cx.overdue()) yield cx.giveWay();
    const run = Array.from(from.subarray(start, Math.min(count, start + RUN)));
    from.set(run.sort(compare), start);
  }
  let to = new Uint32Array(count);
  for (let width = RUN; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      yield* merge(cx, from, to, start, Math.min(count, start + width), Math.min(count, start + 2 * width), compare);
    }
    [from, to] = [to, from];
  }
  return from;
}

function* merge(
  cx: Pace,
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
  compare: PositionOrder,
): Task<void> {
  let left = start;
  let right = middle;
  let k = start;
  while (k < end) {
    if (cx.overdue()) yield cx.giveWay();
    const stop = Math.min(end, k + RUN);
    for (; k < stop; k++) {
      const takeLeft = left < middle && (right >= end || compare(from[left], from[right]) <= 0);
      to[k] = takeLeft ? from[left++] : from[right++];
    }
  }
}

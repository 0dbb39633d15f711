/**
 * Aggregates over frames. While the frame's start stays, rows are only added; when it moves (or rows are excluded)
 * the frame is aggregated anew.
 */
import type { Datum } from '../../types/datum.js';
import type { Accumulator } from '../aggregate/accumulator.js';
import type { FrameFinder, Segment } from './frame.js';
import type { Partition } from './partition.js';

export function windowAggregate(
  accumulator: Accumulator,
  partition: Partition,
  frames: FrameFinder,
): (i: number) => Datum {
  const { rows } = partition;
  const groups = new Int32Array(rows.length);
  const restart = (): void => {
    accumulator.clear();
    accumulator.addGroup();
  };
  const add = ({ from, to }: Segment): void => accumulator.accumulate(rows, groups, from, to);
  if (frames.frame.exclusion !== 'no others') {
    return (i) => {
      restart();
      frames.segments(i).forEach(add);
      return accumulator.result(0, []);
    };
  }
  let start = -1;
  let end = -1;
  let value: Datum = null;
  return (i) => {
    const from = frames.start(i);
    const to = frames.end(i, from);
    if (from === start && to === end) return value;
    if (from !== start || to < end) {
      restart();
      end = from;
    }
    add({ from: end, to });
    start = from;
    end = to;
    value = accumulator.result(0, []);
    return value;
  };
}

/** row_number, rank, lag, first_value and the other pure window functions, by the prosrc of their pg_proc row. */
import { notSupported, sqlError } from '../../errors/sql-error.js';
import type { WindowFrame } from '../../sql/plan/expression.js';
import type { Datum } from '../../types/datum.js';
import type { FrameFinder, Segment } from './frame.js';
import type { Partition } from './partition.js';

/** Computes the value for row i of a partition. `slots`: where the call's arguments stand in the rows. */
export type WindowFunction = (
  partition: Partition,
  frames: FrameFinder,
  slots: readonly number[],
) => (i: number) => Datum;

const FUNCTIONS: Record<string, WindowFunction> = {
  window_row_number: () => (i) => i + 1,
  window_rank: (partition) => (i) => partition.peerStart(i) + 1,
  window_dense_rank: (partition) => (i) => partition.groupOf(i) + 1,
  window_percent_rank: (partition) => (i) =>
    partition.length <= 1 ? 0 : partition.peerStart(i) / (partition.length - 1),
  window_cume_dist: (partition) => (i) => partition.peerEnd(i) / partition.length,
  window_ntile: ntile,
  window_lag: (partition, _, slots) => shifted(partition, slots, -1),
  window_lag_with_offset: (partition, _, slots) => shifted(partition, slots, -1),
  window_lag_with_offset_and_default: (partition, _, slots) => shifted(partition, slots, -1),
  window_lead: (partition, _, slots) => shifted(partition, slots, 1),
  window_lead_with_offset: (partition, _, slots) => shifted(partition, slots, 1),
  window_lead_with_offset_and_default: (partition, _, slots) => shifted(partition, slots, 1),
  window_first_value: (partition, frames, slots) => (i) => {
    const [segment] = frames.segments(i);
    return segment === undefined ? null : partition.rows[segment.from][slots[0]];
  },
  window_last_value: (partition, frames, slots) => (i) => {
    const segment = frames.segments(i).at(-1);
    return segment === undefined ? null : partition.rows[segment.to - 1][slots[0]];
  },
  window_nth_value: nthValue,
};

const OF_PEERS = new Set(['window_rank', 'window_dense_rank', 'window_percent_rank', 'window_cume_dist']);
const OF_FRAMES = new Set(['window_first_value', 'window_last_value', 'window_nth_value']);

/** Whether the function, or an aggregate (null), asks which rows are peers. */
export function asksForPeers(source: string | null, frame: WindowFrame): boolean {
  if (source !== null && !OF_FRAMES.has(source)) return OF_PEERS.has(source);
  return frame.mode !== 'rows' || frame.exclusion === 'group' || frame.exclusion === 'ties';
}

export function windowFunction(source: string): WindowFunction {
  const found = FUNCTIONS[source];
  if (found === undefined) throw notSupported(`window function ${source}`);
  return found;
}

/** The first rows % buckets buckets have one row more. */
function ntile(partition: Partition, _frames: FrameFinder, slots: readonly number[]): (i: number) => Datum {
  const value = partition.length === 0 ? null : partition.rows[0][slots[0]];
  if (value === null) return () => null;
  const buckets = Number(value);
  if (buckets <= 0) {
    throw sqlError('invalid_argument_for_ntile_function', 'argument of ntile must be greater than zero');
  }
  const size = Math.floor(partition.length / buckets);
  const larger = partition.length % buckets;
  const inLarger = larger * (size + 1);
  return (i) => (i < inLarger ? Math.floor(i / (size + 1)) + 1 : larger + Math.floor((i - inLarger) / size) + 1);
}

/** lag and lead: value, then optionally the distance and the default, all taken from the current row but the value. */
function shifted(partition: Partition, slots: readonly number[], direction: 1 | -1): (i: number) => Datum {
  const { rows } = partition;
  const [value, distance, fallback] = slots;
  return (i) => {
    const offset = distance === undefined ? 1 : rows[i][distance];
    if (offset === null) return null;
    const target = i + direction * Number(offset);
    if (target >= 0 && target < rows.length) return rows[target][value];
    return fallback === undefined ? null : rows[i][fallback];
  };
}

function nthValue(partition: Partition, frames: FrameFinder, slots: readonly number[]): (i: number) => Datum {
  return (i) => {
    const wanted = partition.rows[i][slots[1]];
    if (wanted === null) return null;
    if (Number(wanted) <= 0) {
      throw sqlError('invalid_argument_for_nth_value_function', 'argument of nth_value must be greater than zero');
    }
    const at = nthOf(frames.segments(i), Number(wanted));
    return at < 0 ? null : partition.rows[at][slots[0]];
  };
}

function nthOf(segments: readonly Segment[], n: number): number {
  let left = n - 1;
  for (const { from, to } of segments) {
    if (left < to - from) return from + left;
    left -= to - from;
  }
  return -1;
}

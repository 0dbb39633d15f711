/**
 * The rows of one window partition in window order. A row is laid out as `WindowLayout` says: the input's columns, then
 * everything that the calls need, evaluated beforehand, so that computing results never waits.
 */
import type { Row } from '../../types/datum.js';
import { runSync } from '../../util/task.js';
import { AT_ONCE, type Pace } from '../chunked-list.js';
import type { RowComparator } from '../row-order.js';

const ROWS_PER_CLOCK_READ = 2048;

export class Partition {
  private starts: Int32Array | null = null;
  private ends: Int32Array | null = null;
  private groups: Int32Array | null = null;
  /** First row of each peer group. */
  groupStarts: number[] = [];

  /** `order`: compares the order keys of two rows; null when all rows are peers. */
  constructor(
    readonly rows: readonly Row[],
    private readonly order: RowComparator | null,
  ) {}

  get length(): number {
    return this.rows.length;
  }

  peerStart(i: number): number {
    return (this.starts ?? this.peers().starts)[i];
  }

  /** Behind the last peer of row i. */
  peerEnd(i: number): number {
    return (this.ends ?? this.peers().ends)[i];
  }

  /** Number of row i's peer group, from 0. */
  groupOf(i: number): number {
    return (this.groups ?? this.peers().groups)[i];
  }

  /** First row of a peer group; the number of rows for groups behind the last. */
  startOfGroup(group: number): number {
    if (this.starts === null) this.peers();
    if (group < 0) return 0;
    return group < this.groupStarts.length ? this.groupStarts[group] : this.length;
  }

  private peers() {
    return runSync(this.findPeers(AT_ONCE));
  }

  /** What the functions above need. To be run before where the partition is large. */
  *findPeers(cx: Pace) {
    const { rows, order } = this;
    const n = rows.length;
    const starts = new Int32Array(n);
    const ends = new Int32Array(n);
    const groups = new Int32Array(n);
    const groupStarts: number[] = [];
    for (let i = 0; i < n; ) {
      let end = order === null ? n : i + 1;
      for (; end < n && order !== null && order(rows[i], rows[end]) === 0; end++) {
        if (end % ROWS_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
      }
      starts.fill(i, i, end);
      ends.fill(end, i, end);
      groups.fill(groupStarts.length, i, end);
      if (groupStarts.push(i) % ROWS_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
      i = end;
    }
    this.starts = starts;
    this.ends = ends;
    this.groups = groups;
    this.groupStarts = groupStarts;
    return { starts, ends, groups };
  }
}

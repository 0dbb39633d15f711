/**
 * The rows of one window partition in window order. A row is laid out as `WindowLayout` says: the input's columns, then
 * everything that the calls need, evaluated beforehand, so that computing results never waits.
 */
import type { Row } from '../../types/datum.js';
import type { RowComparator } from '../row-order.js';

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
    return (this.starts ?? this.findPeers().starts)[i];
  }

  /** Behind the last peer of row i. */
  peerEnd(i: number): number {
    return (this.ends ?? this.findPeers().ends)[i];
  }

  /** Number of row i's peer group, from 0. */
  groupOf(i: number): number {
    return (this.groups ?? this.findPeers().groups)[i];
  }

  /** First row of a peer group; the number of rows for groups behind the last. */
  startOfGroup(group: number): number {
    if (this.starts === null) this.findPeers();
    if (group < 0) return 0;
    return group < this.groupStarts.length ? this.groupStarts[group] : this.length;
  }

  private findPeers() {
    const { rows, order } = this;
    const n = rows.length;
    const starts = new Int32Array(n);
    const ends = new Int32Array(n);
    const groups = new Int32Array(n);
    this.groupStarts = [];
    for (let i = 0; i < n; ) {
      let end = i + 1;
      while (end < n && (order === null || order(rows[i], rows[end]) === 0)) end++;
      starts.fill(i, i, end);
      ends.fill(end, i, end);
      groups.fill(this.groupStarts.length, i, end);
      this.groupStarts.push(i);
      i = end;
    }
    this.starts = starts;
    this.ends = ends;
    this.groups = groups;
    return { starts, ends, groups };
  }
}

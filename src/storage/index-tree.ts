/**
 * The leaves of an index in order: a root of branches of at most 512 leaves. Of fixed depth on purpose: three binary
 * searches reach an entry among hundreds of millions, and there is no rebalancing to get wrong.
 */
import type { RowId } from './api.js';
import { entryBefore, type IndexLeaf } from './index-leaf.js';
import { prefixOf } from './key-prefix.js';

const BRANCH_MAX = 512;

interface Branch {
  /** Low ends of the leaves, kept apart so that a search touches no leaf but the last. */
  readonly lowKeys: string[];
  /** `prefixOf` each of them. */
  readonly lowPrefixes: number[];
  readonly lowRows: RowId[];
  readonly leaves: IndexLeaf[];
}

export class IndexTree {
  private readonly branches: Branch[];

  constructor(first: IndexLeaf) {
    this.branches = [
      { lowKeys: [first.lowKey], lowPrefixes: [prefixOf(first.lowKey)], lowRows: [first.lowRow], leaves: [first] },
    ];
  }

  /** The leaf to which the entry belongs. */
  leafFor(key: string, rowId: RowId): IndexLeaf {
    const branch = this.branches.length === 1 ? this.branches[0] : this.branches[this.branchFor(key, rowId)];
    return branch.leaves[leafIn(branch, key, rowId)];
  }

  /** The leaf with the last possible entry before (key, rowId). */
  leafBefore(key: string, rowId: RowId): IndexLeaf | null {
    const leaf = this.leafFor(key, rowId);
    return leaf.lowKey === key && leaf.lowRow === rowId ? this.previous(leaf) : leaf;
  }

  last(): IndexLeaf {
    return this.branches.at(-1)!.leaves.at(-1)!;
  }

  next(leaf: IndexLeaf): IndexLeaf | null {
    const b = this.branchFor(leaf.lowKey, leaf.lowRow);
    const i = leafIn(this.branches[b], leaf.lowKey, leaf.lowRow) + 1;
    return this.branches[b].leaves[i] ?? this.branches[b + 1]?.leaves[0] ?? null;
  }

  previous(leaf: IndexLeaf): IndexLeaf | null {
    const b = this.branchFor(leaf.lowKey, leaf.lowRow);
    const i = leafIn(this.branches[b], leaf.lowKey, leaf.lowRow) - 1;
    return i >= 0 ? this.branches[b].leaves[i] : (this.branches[b - 1]?.leaves.at(-1) ?? null);
  }

  /** Adds a leaf whose low end lies inside an existing one. */
  add(leaf: IndexLeaf): void {
    const b = this.branchFor(leaf.lowKey, leaf.lowRow);
    const branch = this.branches[b];
    const at = leafIn(branch, leaf.lowKey, leaf.lowRow) + 1;
    branch.lowKeys.splice(at, 0, leaf.lowKey);
    branch.lowPrefixes.splice(at, 0, prefixOf(leaf.lowKey));
    branch.lowRows.splice(at, 0, leaf.lowRow);
    branch.leaves.splice(at, 0, leaf);
    if (branch.leaves.length <= BRANCH_MAX) return;
    const half = BRANCH_MAX / 2;
    this.branches.splice(b + 1, 0, {
      lowKeys: branch.lowKeys.splice(half),
      lowPrefixes: branch.lowPrefixes.splice(half),
      lowRows: branch.lowRows.splice(half),
      leaves: branch.leaves.splice(half),
    });
  }

  *leaves(): Iterable<IndexLeaf> {
    for (const branch of this.branches) yield* branch.leaves;
  }

  private branchFor(key: string, rowId: RowId): number {
    let low = 0;
    let high = this.branches.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      const branch = this.branches[middle];
      if (entryBefore(key, rowId, branch.lowKeys[0], branch.lowRows[0])) high = middle;
      else low = middle;
    }
    return low;
  }
}

/** The last leaf whose low end is not above (key, rowId). */
function leafIn(branch: Branch, key: string, rowId: RowId): number {
  const { lowKeys, lowPrefixes, lowRows } = branch;
  const prefix = prefixOf(key);
  let low = 0;
  let high = lowKeys.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    const difference = prefix - lowPrefixes[middle];
    const isBefore = difference === 0 ? entryBefore(key, rowId, lowKeys[middle], lowRows[middle]) : difference < 0;
    if (isBefore) high = middle;
    else low = middle;
  }
  return low;
}

/** One SET list over the rows of an input, compiled: the new row, which indexes it concerns, and how strong a lock it takes. */
import type { UpdateNode } from '../sql/plan/plan-node.js';
import type { Row } from '../types/datum.js';
import { rowMaker } from './batch-loops.js';
import type { Compiler } from './expression/compile.js';
import type { IndexWriter } from './index-writer.js';
import type { TargetWriter } from './write-target.js';

export class RowUpdate {
  readonly newRow: (row: Row) => Row;
  /** Indexes that SET may concern. */
  readonly indexes: readonly IndexWriter[];
  /** Columns of keys that SET names: a change of their values needs the stronger lock. */
  readonly keySlots: readonly number[];

  /** `compiler` is for expressions over the input, where `oldSlots` are the places of the old row's columns. */
  constructor(
    compiler: Compiler,
    private readonly target: TargetWriter,
    private readonly oldSlots: readonly number[],
    { newRow, changed }: Pick<UpdateNode, 'newRow' | 'changed'>,
  ) {
    this.newRow = rowMaker(compiler.compileAll(newRow));
    this.indexes = target.indexesReading(changed);
    this.keySlots = target.keySlots(changed);
  }

  /** Whether `row`, made of the input, has another key than the old row in it. */
  changesKey(input: Row, row: Row): boolean {
    const { keySlots, oldSlots, target } = this;
    for (let i = 0; i < keySlots.length; i++) {
      const slot = keySlots[i];
      if (oldSlots[slot] < 0 || !target.sameValue(input[oldSlots[slot]], row[slot], slot)) return true;
    }
    return false;
  }
}

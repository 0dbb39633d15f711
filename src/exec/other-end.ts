/**
 * The table at the other end of a foreign key. No statement names it, so it is locked when a check or an action goes
 * there, as PostgreSQL's triggers do. Who had it before may have changed it: then what was made for it is made anew.
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import { plannedIndexes } from '../sql/plan/planned-indexes.js';
import type { Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';
import type { ExecContext } from './exec-context.js';

export class OtherEnd<Access extends { readonly relation: RelationDesc }> {
  /** For the table as it was when it was opened last. */
  access: Access;

  constructor(
    private readonly cx: ExecContext,
    private readonly table: number,
    private readonly make: (relation: RelationDesc) => Access,
  ) {
    this.access = make(this.relation());
  }

  /** Locks the table until the transaction ends. @throws SqlError 40P01, 55P03, 57014 */
  *open(transaction: Transaction, mode: 'RowShareLock' | 'RowExclusiveLock'): Task<Access> {
    if (!transaction.tryLockTable(this.table, mode)) yield* transaction.lockTable(this.table, mode, 'wait');
    for (;;) {
      const relation = this.relation();
      const indexes = plannedIndexes(relation, mode);
      const isLocked = indexes === null || transaction.tryLockIndexes(indexes);
      if (!isLocked) yield* transaction.lockIndexes(indexes);
      if (relation !== this.access.relation) this.access = this.make(relation);
      if (isLocked || relation === this.relation()) return this.access;
    }
  }

  private relation(): RelationDesc {
    const relation = this.cx.services.catalog.relation(this.table);
    if (relation === undefined) throw new Error(`table ${this.table} at the end of a foreign key does not exist`);
    return relation;
  }
}

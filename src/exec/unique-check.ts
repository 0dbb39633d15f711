/**
 * Uniqueness of index keys. Immediate constraints are checked, and the key reserved, before a row is stored; deferrable
 * ones by a `UniqueRecheck` after the statement, or when the transaction commits.
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import type { Heap, RowId, Transaction } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { indexKeyText, uniqueViolation } from './constraint-errors.js';
import type { DeferrableCheck } from './deferred-checks.js';
import type { LoggedEvent } from './event-log.js';
import type { ExecServices } from './exec-context.js';
import type { IndexWriter } from './index-writer.js';
import { inRowContext } from './row-context.js';

/** Throws 23505 when another live row has the key; waits for transactions that may be about to have it. */
export function* requireUnique(
  services: ExecServices,
  transaction: Transaction,
  relation: RelationDesc,
  heap: Heap,
  writer: IndexWriter,
  row: Row,
  key: string,
  own: RowId,
): Task<void> {
  let conflict: RowId;
  try {
    conflict = yield* writer.index.checkUnique(transaction, heap, key, writer.keyOf, own);
  } catch (error) {
    throw inRowContext(error, 'inserting index', own === 0 ? heap.nextRowId : own, writer.desc.name);
  }
  if (conflict === 0) return;
  const text = indexKeyText(services, relation, writer.desc, writer.types, writer.values(row));
  throw uniqueViolation(services, relation, writer.desc, text);
}

/** Checks stored rows against a deferrable unique constraint. */
export class UniqueRecheck implements DeferrableCheck {
  constructor(
    private readonly services: ExecServices,
    private readonly relation: RelationDesc,
    private readonly heap: Heap,
    private readonly writer: IndexWriter,
  ) {}

  get constraint(): number {
    return this.writer.desc.constraint;
  }

  get table(): number {
    return this.relation.oid;
  }

  get initiallyDeferred(): boolean {
    return this.writer.constraint?.deferred ?? false;
  }

  *check(transaction: Transaction, { rowId }: LoggedEvent): Task<void> {
    const row = yield* this.heap.newest(transaction, rowId);
    if (row === null) return;
    const key = this.writer.key(row);
    if (key === null || !this.writer.lastIsUnique) return;
    yield* requireUnique(this.services, transaction, this.relation, this.heap, this.writer, row, key, rowId);
  }
}

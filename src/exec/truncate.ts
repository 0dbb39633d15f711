/** TRUNCATE: the tables and their indexes get new, empty storage. Sequences (RESTART IDENTITY) are the caller's. */
import type { CatalogWriter } from '../catalog/catalog-writer.js';
import { setStorage } from '../catalog/ddl/alter-relation.js';
import type { CatalogView, RelationDesc } from '../catalog/descriptors.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';

/**
 * The tables that TRUNCATE … CASCADE empties: the given ones and those that refer to them, directly or not. Without
 * `cascade` throws 0A000 when another table refers to one of them.
 */
export function truncationOrder(
  catalog: CatalogView,
  relations: readonly RelationDesc[],
  cascade: boolean,
): RelationDesc[] {
  const all = [...new Map(relations.map((relation) => [relation.oid, relation])).values()];
  for (let i = 0; i < all.length; i++) {
    for (const { kind, relation } of all[i].referencedBy) {
      if (kind !== 'f' || all.some(({ oid }) => oid === relation)) continue;
      const child = catalog.relation(relation);
      if (child === undefined) continue;
      if (!cascade) throw referenced(all[i], child);
      all.push(child);
    }
  }
  return all;
}

function referenced(parent: RelationDesc, child: RelationDesc): Error {
  return sqlError('feature_not_supported', 'cannot truncate a table referenced in a foreign key constraint', {
    detail: `Table "${child.name}" references "${parent.name}".`,
    hint: `Truncate table "${child.name}" at the same time, or use TRUNCATE ... CASCADE.`,
  });
}

/** REQUIRES: AccessExclusiveLock on each; the order is `truncationOrder`'s. */
export function* truncate(writer: CatalogWriter, relations: readonly RelationDesc[]): Task<void> {
  const { store, transaction } = writer;
  for (const relation of relations) {
    if (relation.storage === 0) throw notSupported(`TRUNCATE of "${relation.name}"`);
    yield* setStorage(writer, relation.oid, store.create(transaction, 'heap'));
    for (const index of relation.indexes) yield* setStorage(writer, index.oid, store.create(transaction, 'index'));
  }
}

/** Sizes on disk of whole databases. */
import type { Cluster } from './cluster.js';

/** Bytes that all heaps and indexes of a database take, those of shared tables included. 0: it has nothing of its own yet. */
export async function databaseSize(cluster: Cluster, database: number): Promise<number> {
  const { catalogs, databases, store } = cluster;
  if (!catalogs.isUsed(database)) return 0;
  const { catalog } = await databases.load(database);
  const transaction = store.begin('read committed');
  try {
    const view = catalog.view(transaction, { names: [], user: '', temporary: 0 });
    let total = 0;
    for (const row of view.rows('pg_class_oid_index', [])) {
      const relation = view.relation(row.number('oid'));
      if (relation === undefined || relation.storage === 0) continue;
      total +=
        relation.kind === 'i'
          ? await store.index(relation.storage).diskSize()
          : await store.heap(relation.storage, { columns: relation.attributes.length }).diskSize();
    }
    return total;
  } finally {
    transaction.rollback();
  }
}

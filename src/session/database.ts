/** One database of the cluster, while its catalogs are in memory: what its sessions have together. */
import type { Catalog } from '../catalog/catalog.js';
import type { CatalogView } from '../catalog/descriptors.js';
import type { Store } from '../storage/api.js';
import type { Cluster } from './cluster.js';
import { Channels } from './notifications.js';
import type { DatabaseUsage } from './usage/database-usage.js';

export class Database {
  readonly channels = new Channels();

  constructor(
    readonly cluster: Cluster,
    readonly catalog: Catalog,
  ) {}

  get oid(): number {
    return this.catalog.database;
  }

  get name(): string {
    return this.catalog.databaseName;
  }

  get usage(): DatabaseUsage {
    return this.cluster.usage.of(this.oid);
  }

  get store(): Store {
    return this.cluster.store;
  }

  /** Lets go of what was counted of relations and functions that do not exist any more. */
  cleanUsage(): void {
    this.withView((view) => {
      const has = (index: string) => (oid: number) => view.rows(index, [oid]).length > 0;
      this.usage.keepOnly(has('pg_class_oid_index'), has('pg_proc_oid_index'));
    });
  }

  /** Reads the committed catalogs. */
  withView<T>(read: (view: CatalogView) => T): T {
    const transaction = this.store.begin('read committed');
    try {
      return read(this.catalog.view(transaction, { names: [], user: '', temporary: 0 }));
    } finally {
      transaction.rollback();
    }
  }
}

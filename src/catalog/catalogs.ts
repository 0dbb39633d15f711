/**
 * The catalogs of all databases of one store. The tables that databases share are always in memory; a database's own
 * are while it is loaded. A change of a shared table makes every catalog forget what came from it.
 */
import type { DatabaseId, StorageId, Store, Transaction } from '../storage/api.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import { fillDatabase } from './bootstrap.js';
import { Catalog, type CatalogFamily } from './catalog.js';
import { DatabaseMap } from './database-map.js';
import type { CatalogView } from './descriptors.js';
import { OidAllocator } from './oid-allocator.js';
import { SystemAccess } from './system-access.js';
import type { SystemRow } from './system-row.js';
import { SystemTables } from './system-tables.js';

export class Catalogs implements CatalogFamily {
  readonly map: DatabaseMap;
  readonly oids: OidAllocator;
  /** Has the tables that all databases share, and no others. */
  readonly shared: Catalog;
  private readonly loaded = new Map<DatabaseId, Catalog>();

  /** REQUIRES: the store is bootstrapped; call `pin` before anything else. */
  constructor(
    readonly store: Store,
    /** Codecs of built-in types by typname. */
    readonly codecs: ReadonlyMap<string, TypeCodec>,
    readonly tables: SystemTables = SystemTables.load(),
  ) {
    this.map = new DatabaseMap(store);
    this.oids = new OidAllocator(store);
    this.shared = new Catalog(this, 0, (relation) => (tables.sharedRelations.has(relation) ? relation : undefined));
    store.shareRelations(tables.sharedRelations);
  }

  *pin(): Task<void> {
    yield* this.map.pin();
    yield* this.shared.pin();
  }

  /** Reads what is committed of the shared tables. */
  readShared<T>(read: (view: CatalogView) => T): T {
    const transaction = this.store.begin('read committed');
    try {
      return read(this.shared.view(transaction, { names: [], user: '', temporary: 0 }));
    } finally {
      transaction.rollback();
    }
  }

  /** The committed row of pg_database. */
  databaseByName(name: string): SystemRow | undefined {
    return this.readShared((view) => view.rows('pg_database_datname_index', [name])[0]);
  }

  databaseByOid(database: DatabaseId): SystemRow | undefined {
    return this.readShared((view) => view.rows('pg_database_oid_index', [database])[0]);
  }

  /** Whether anybody has ever been in the database: if not, it contains what every new one does. */
  isUsed(database: DatabaseId): boolean {
    if (database === this.store.homeDatabase) return true;
    const transaction = this.store.begin('read committed');
    const storages = this.map.read(transaction, database);
    transaction.rollback();
    return storages !== null;
  }

  /** The catalog of a database that is loaded. */
  get(database: DatabaseId): Catalog | undefined {
    return this.loaded.get(database);
  }

  /** Brings a database's system tables into memory; makes them first if it has none. REQUIRES: one call at a time for each. */
  *load(database: DatabaseId): Task<Catalog> {
    const known = this.loaded.get(database);
    if (known !== undefined) return known;
    const storages = yield* this.storagesOf(database);
    const catalog = new Catalog(this, database, (relation) =>
      this.tables.sharedRelations.has(relation) ? relation : storages(relation),
    );
    yield* catalog.pin();
    catalog.adoptPrepared();
    this.loaded.set(database, catalog);
    return catalog;
  }

  private *storagesOf(database: DatabaseId): Task<(relation: number) => StorageId | undefined> {
    if (database === this.store.homeDatabase) return (relation) => relation;
    const transaction = this.store.begin('read committed');
    try {
      let storages = this.map.read(transaction, database);
      if (storages === null) {
        storages = this.createStorages(transaction);
        this.map.add(transaction, database, storages);
        const made = storages;
        const access = new SystemAccess(this.store, this.tables, this.codecs, (relation) => made.get(relation));
        yield* fillDatabase(access, transaction);
        yield* transaction.commit({ synchronous: true });
      }
      const found = storages;
      return (relation) => found.get(relation);
    } finally {
      if (transaction.state === 'active') transaction.rollback();
    }
  }

  /** New storages for all system tables and indexes that a database has of its own. */
  createStorages(transaction: Transaction): Map<number, StorageId> {
    const storages = new Map<number, StorageId>();
    for (const { oid, indexes } of this.tables.own()) {
      storages.set(oid, this.store.create(transaction, 'heap'));
      for (const index of indexes) storages.set(index.oid, this.store.create(transaction, 'index'));
    }
    return storages;
  }

  /** Frees the memory of a database's catalog. REQUIRES: no transaction uses it, except prepared ones. */
  unload(database: DatabaseId): void {
    const catalog = this.loaded.get(database);
    if (catalog === undefined) return;
    this.loaded.delete(database);
    catalog.close();
  }

  /** A transaction that changed these tables has committed; `by`, its own catalog, knows. */
  changed(by: Catalog, tables: ReadonlySet<string>): void {
    const shared = new Set([...tables].filter((name) => this.tables.table(name).shared));
    if (shared.size === 0) return;
    for (const catalog of [this.shared, ...this.loaded.values()]) if (catalog !== by) catalog.forget(shared);
  }

  /** Before the store is closed: gives unused OIDs back and ends the standing transactions. */
  close(): void {
    this.oids.close();
    this.shared.close();
    for (const catalog of this.loaded.values()) catalog.close();
  }
}

/**
 * The catalog of one database. It hands out views: one shared state of the committed catalogs, and private states for
 * transactions that have changed catalogs themselves. When such a transaction commits, the shared state forgets what
 * came from the tables it changed.
 */
import type { DatabaseId, StorageId, Store, Transaction } from '../storage/api.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { TypeCatalog } from '../types/type-context.js';
import type { Task } from '../util/task.js';
import { CatalogState } from './catalog-state.js';
import { CatalogWriter } from './catalog-writer.js';
import type { CatalogView } from './descriptors.js';
import type { OidAllocator } from './oid-allocator.js';
import { type SearchPath, SearchPathView } from './search-path-view.js';
import { SystemAccess } from './system-access.js';
import type { SystemTables } from './system-tables.js';
import { ViewTypeCatalog } from './type-catalog.js';
import { CodecSource } from './type-codecs.js';

/** What the catalogs of all databases have in common. */
export interface CatalogFamily {
  readonly store: Store;
  readonly tables: SystemTables;
  /** Codecs of built-in types by typname. */
  readonly codecs: ReadonlyMap<string, TypeCodec>;
  readonly oids: OidAllocator;
  /** Tells of committed changes; `by` knows of them. */
  changed(by: Catalog, tables: ReadonlySet<string>): void;
}

interface Held {
  readonly state: CatalogState;
  readonly views: Map<string, SearchPathView>;
  /** The same by the path object, which sessions keep until it changes. */
  readonly byPath: WeakMap<SearchPath, SearchPathView>;
}

interface PrivateState extends Held {
  /** Names of the system tables that the transaction has changed. */
  readonly changed: Set<string>;
}

export class Catalog {
  readonly access: SystemAccess;
  private readonly codecs: CodecSource;
  private readonly shared: Held;
  private readonly privates = new Map<Transaction, PrivateState>();
  private versions = 1;

  /** REQUIRES: the store is bootstrapped; call `pin` before the first view. `storageOf`: see `SystemAccess`. */
  constructor(
    private readonly all: CatalogFamily,
    /** OID of the database. */
    readonly database: DatabaseId,
    storageOf: (relation: number) => StorageId | undefined,
  ) {
    const { store } = all;
    this.access = new SystemAccess(store, all.tables, all.codecs, storageOf);
    this.codecs = new CodecSource(all.codecs);
    // A transaction that never ends and never takes a snapshot: it reads the newest committed catalogs.
    this.shared = {
      state: this.newState(store.begin('read committed'), null),
      views: new Map(),
      byPath: new WeakMap(),
    };
  }

  get tables(): SystemTables {
    return this.access.tables;
  }

  get store(): Store {
    return this.all.store;
  }

  /** Name of the database as committed; '' when it has just been dropped. */
  get databaseName(): string {
    return this.shared.state.databaseNames.get(this.database) ?? '';
  }

  *pin(): Task<void> {
    yield* this.access.pin();
  }

  /**
   * The catalogs as `transaction` sees them. The same object comes back for the same path until the
   * transaction changes catalogs. Keep the path's object: that makes this one map lookup.
   */
  view(transaction: Transaction, path: SearchPath): CatalogView {
    const held = this.privates.size === 0 ? this.shared : (this.privates.get(transaction) ?? this.shared);
    const known = held.byPath.get(path);
    if (known !== undefined) return known;
    const key = `${path.user}\0${path.temporary}\0${path.names.join('\0')}`;
    let view = held.views.get(key);
    if (view === undefined) {
      view = new SearchPathView(held.state, path);
      held.views.set(key, view);
    }
    held.byPath.set(path, view);
    return view;
  }

  /** For DDL: changes system tables within `transaction`. */
  writer(transaction: Transaction): CatalogWriter {
    return new CatalogWriter(this, transaction);
  }

  /** A fresh OID, never handed out again (not even after a crash). */
  allocateOid(): number {
    return this.all.oids.allocate();
  }

  /** Ends the standing transaction, and lets the system tables out of memory. */
  close(): void {
    this.access.unpin();
    this.shared.state.transaction.rollback();
  }

  /** To be called by whoever changes rows of a system table in `transaction` (the writer does). Cheap to call again. */
  noteChange(transaction: Transaction, table: string): void {
    let own = this.privates.get(transaction);
    if (own === undefined) {
      own = {
        state: this.newState(transaction, this.shared.state),
        views: new Map(),
        byPath: new WeakMap(),
        changed: new Set(),
      };
      this.privates.set(transaction, own);
      transaction.onCommit(() => this.committed(transaction));
      transaction.onRollback(() => this.privates.delete(transaction));
    }
    own.changed.add(table);
    own.state.forget(new Set([table]), true, this.nextVersion());
  }

  /** After the start of the server: takes up the transactions that were prepared before and have changed catalogs. */
  adoptPrepared(): void {
    for (const transaction of this.store.twoPhase.transactions()) {
      for (const table of this.access.present())
        if (transaction.hasChanged(this.access.heap(table).id)) this.noteChange(transaction, table.name);
    }
  }

  /** To be called after `transaction.rollbackTo`: what the transaction's view remembers may be undone. */
  rolledBackTo(transaction: Transaction): void {
    this.privates.get(transaction)?.state.clear(this.nextVersion());
  }

  private committed(transaction: Transaction): void {
    const own = this.privates.get(transaction);
    if (own === undefined) return;
    this.privates.delete(transaction);
    this.forget(own.changed);
    this.all.changed(this, own.changed);
  }

  /** Others have committed changes of these tables. */
  forget(changed: ReadonlySet<string>): void {
    this.shared.state.forget(changed, false, this.nextVersion());
    for (const other of this.privates.values()) other.state.forget(changed, false, this.nextVersion());
  }

  private newState(transaction: Transaction, parent: CatalogState | null): CatalogState {
    return new CatalogState(this.access, this.database, transaction, this.codecs, parent, this.nextVersion(), (state) =>
      this.typeCatalogOf(state),
    );
  }

  /** What codecs of composite types and enums ask; they have no session. */
  private typeCatalogOf(state: CatalogState): TypeCatalog {
    let view: SearchPathView | null = null;
    return new ViewTypeCatalog(() => {
      view ??= new SearchPathView(state, { names: [], user: '', temporary: 0 });
      const parseTypeName = (): never => {
        throw new Error('type names cannot be parsed here');
      };
      return { view, database: this.databaseName, parseTypeName };
    });
  }

  private nextVersion(): number {
    return this.versions++;
  }
}

/** What statements about whole databases ask of the server, for one session (`DatabaseControl`). */
import type { Catalog } from '../catalog/catalog.js';
import type { SystemAccess } from '../catalog/system-access.js';
import { SystemRow } from '../catalog/system-row.js';
import { relationsOf } from '../catalog/system-tables.js';
import type { DatabaseControl, DatabaseUsers } from '../ddl/database-control.js';
import { sqlError } from '../errors/sql-error.js';
import type { StorageId, Transaction } from '../storage/api.js';
import { awaitPromise, type Task, type WaitEvent } from '../util/task.js';
import type { Cluster } from './cluster.js';
import { pause } from './functions/session-of.js';
import type { Session } from './session.js';

const BUSY: WaitEvent = { type: 'IPC', name: 'ProcArrayGroupUpdate' };

export class SessionDatabaseControl implements DatabaseControl {
  private readonly cluster: Cluster;

  constructor(private readonly session: Session) {
    this.cluster = session.db.cluster;
  }

  get current(): number {
    return this.session.db.oid;
  }

  users(database: number): DatabaseUsers {
    const { databases, store } = this.cluster;
    const own = database === this.current ? 1 : 0;
    const prepared = store.twoPhase.list().filter((one) => (one.database || store.homeDatabase) === database);
    return { sessions: databases.sessionsIn(database) - own, prepared: prepared.length };
  }

  terminateUsers(database: number): void {
    const reason = sqlError('admin_shutdown', 'terminating connection due to administrator command', {
      severity: 'FATAL',
    });
    for (const session of this.cluster.sessions.values()) {
      if (session.db.oid === database && session !== this.session)
        this.cluster.backends.stop(session.backendPid, reason);
    }
  }

  pause(milliseconds: number): Task<void> {
    return pause(this.session.environment, milliseconds, BUSY);
  }

  *reserve(database: number, exclusive: boolean): Task<void> {
    const { databases } = this.cluster;
    for (;;) {
      const over = databases.reserve(database, exclusive);
      if (over === null) break;
      yield* awaitPromise(over);
    }
    const transaction = this.session.block.ensure();
    const end = (): void => databases.end(database);
    transaction.onCommit(end);
    transaction.onRollback(end);
  }

  isUsed(database: number): boolean {
    return this.cluster.catalogs.isUsed(database);
  }

  *load(database: number): Task<Catalog> {
    return (yield* awaitPromise(this.cluster.databases.load(database))).catalog;
  }

  unload(database: number): void {
    this.cluster.databases.unload(database);
  }

  createStorages(transaction: Transaction, database: number): ReadonlyMap<number, StorageId> {
    const { catalogs } = this.cluster;
    const storages = catalogs.createStorages(transaction);
    catalogs.map.add(transaction, database, storages);
    return storages;
  }

  *dropStorages(transaction: Transaction, database: number): Task<void> {
    const { catalogs, store } = this.cluster;
    if (!catalogs.isUsed(database)) return;
    const { access } = yield* this.load(database);
    for (const id of storagesOf(access, transaction)) store.drop(transaction, id);
    transaction.onCommit(() => this.cluster.usage.forget(database));
    yield* catalogs.map.remove(transaction, database);
  }
}

/** Those of the system tables that are not shared, and of users' relations. */
function storagesOf(access: SystemAccess, transaction: Transaction): StorageId[] {
  const { tables } = access;
  const classes = tables.table('pg_class');
  const storages = tables
    .own()
    .flatMap(relationsOf)
    .map((relation) => access.storageOf(relation));
  for (const { row } of access.scan(transaction, classes)) {
    const relation = new SystemRow(classes, row);
    if (!tables.isSystem(relation.number('oid'))) storages.push(relation.number('relfilenode'));
  }
  return storages.filter((storage) => storage !== 0);
}

/** Temporary objects: the session's own schema, ON COMMIT actions, and removal when the session ends. */
import { rowRights } from '../catalog/acl/rights.js';
import type { Catalog } from '../catalog/catalog.js';
import { createNamespace } from '../catalog/ddl/create-namespace.js';
import { address } from '../catalog/ddl/dependencies.js';
import { dropObjects } from '../catalog/ddl/drop-object.js';
import { sqlError } from '../errors/sql-error.js';
import { truncate } from '../exec/truncate.js';
import type { Transaction } from '../storage/api.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import type { Task } from '../util/task.js';
import type { Session } from './session.js';

export class Temporaries {
  /** Relation → what to do at COMMIT. */
  readonly actions = new Map<number, 'drop' | 'delete rows'>();

  /** Transactions that have made something temporary, or have used it in what was rolled back. */
  private readonly users = new WeakSet<Transaction>();

  touched(transaction: Transaction): void {
    this.users.add(transaction);
  }

  touchedIn(transaction: Transaction): boolean {
    return this.users.has(transaction);
  }

  onCommit(relation: number, action: 'drop' | 'delete rows'): void {
    this.actions.set(relation, action);
  }
}

const BOOTSTRAP_SUPERUSER = 10;
const PREFIX = 'pg_temp_';
const SILENT_CASCADE = { behavior: 'cascade', notice: () => undefined } as const;

/** OID of the session's temporary schema, made at first use. */
export function* temporaryNamespace(session: Session): Task<number> {
  const { environment } = session;
  const transaction = session.block.ensure();
  session.temporaries.touched(transaction);
  const { temporary } = environment.searchPathSetting;
  // One that was made since a savepoint may have been undone.
  if (temporary !== 0 && environment.catalog.namespace(temporary) !== undefined) return temporary;
  requireTemporary(session);
  const writer = session.db.catalog.writer(transaction);
  const name = `${PREFIX}${session.backendPid}`;
  const left = environment.catalog.namespaceByName(name);
  // An earlier session of the same number could not remove its own.
  if (left !== undefined)
    yield* dropObjects(writer, environment.catalog, [address('pg_namespace', left.oid)], SILENT_CASCADE);
  const oid = yield* createNamespace(writer, name, BOOTSTRAP_SUPERUSER);
  environment.searchPathSetting = { ...environment.searchPathSetting, temporary: oid };
  transaction.onRollback(() => {
    environment.searchPathSetting = { ...environment.searchPathSetting, temporary: 0 };
  });
  return oid;
}

/** @throws SqlError 42501 */
function requireTemporary(session: Session): void {
  const { catalog, currentRole, database, databaseOid } = session.environment;
  const rights = rowRights(catalog, currentRole, 'd', databaseOid);
  if (rights === undefined || (rights.privileges & PRIVILEGE.TEMPORARY) !== 0) return;
  throw sqlError('insufficient_privilege', `permission denied to create temporary tables in database "${database}"`);
}

/** DISCARD TEMP: empties the temporary schema in the session's transaction. */
export function* discardTemporaries(session: Session): Task<void> {
  const { environment } = session;
  const { temporary } = environment.searchPathSetting;
  if (temporary === 0 || environment.catalog.namespace(temporary) === undefined) return;
  const transaction = session.block.ensure();
  session.temporaries.touched(transaction);
  const writer = session.db.catalog.writer(transaction);
  yield* dropObjects(writer, environment.catalog, [address('pg_namespace', temporary)], {
    ...SILENT_CASCADE,
    keepOriginals: true,
  });
  transaction.nextCommand();
}

/** Runs the ON COMMIT actions of a transaction that is about to commit. */
export function* runCommitActions(session: Session): Task<void> {
  for (const [relation, action] of session.temporaries.actions) {
    const writer = session.db.catalog.writer(session.block.ensure());
    const found = session.environment.catalog.relation(relation);
    if (found === undefined) {
      session.temporaries.actions.delete(relation);
      continue;
    }
    if (action === 'drop') {
      session.temporaries.actions.delete(relation);
      yield* dropObjects(writer, session.environment.catalog, [address('pg_class', relation)], SILENT_CASCADE);
    } else yield* truncate(writer, [found]);
  }
}

/** Drops temporary schemas with everything in them, in a transaction of its own: for the end of their sessions. */
export function* dropTemporarySchemas(catalog: Catalog, oids: readonly number[]): Task<void> {
  const { store } = catalog;
  const transaction = store.begin('read committed', { group: store.lockGroup(0, catalog.database) });
  try {
    const view = catalog.view(transaction, { names: [], user: '', temporary: 0 });
    const schemas = oids.filter((oid) => view.namespace(oid) !== undefined).map((oid) => address('pg_namespace', oid));
    yield* dropObjects(catalog.writer(transaction), view, schemas, SILENT_CASCADE);
    yield* transaction.commit({ synchronous: true });
  } catch (error) {
    if (transaction.state === 'active') transaction.rollback();
    throw error;
  }
}

/** Drops what sessions have left that did not come to an end. REQUIRES: no sessions. */
export function* dropAbandonedSchemas(catalog: Catalog): Task<void> {
  const transaction = catalog.store.begin('read committed');
  const rows = catalog.writer(transaction).scan('pg_namespace');
  const oids = rows.filter((row) => row.text('nspname').startsWith(PREFIX)).map((row) => row.number('oid'));
  transaction.rollback();
  if (oids.length > 0) yield* dropTemporarySchemas(catalog, oids);
}

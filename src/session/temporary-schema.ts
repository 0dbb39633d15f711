/** Temporary objects: the session's own schema, ON COMMIT actions, and removal when the session ends. */
import { createNamespace } from '../catalog/ddl/create-namespace.js';
import { address } from '../catalog/ddl/dependencies.js';
import { dropObjects } from '../catalog/ddl/drop-object.js';
import { truncate } from '../exec/truncate.js';
import type { Transaction } from '../storage/api.js';
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

/** OID of the session's temporary schema; made (or found from an earlier session of the same number) at first use. */
export function* temporaryNamespace(session: Session): Task<number> {
  const { environment } = session;
  session.temporaries.touched(session.block.ensure());
  if (environment.searchPathSetting.temporary !== 0) return environment.searchPathSetting.temporary;
  const name = `pg_temp_${session.backendPid}`;
  const known = environment.catalog.namespaceByName(name);
  const oid =
    known?.oid ??
    (yield* createNamespace(session.db.catalog.writer(session.block.ensure()), name, BOOTSTRAP_SUPERUSER));
  const previous = environment.searchPathSetting;
  environment.searchPathSetting = { ...previous, temporary: oid };
  session.block.ensure().onRollback(() => {
    environment.searchPathSetting = { ...environment.searchPathSetting, temporary: previous.temporary };
  });
  return oid;
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
      yield* dropObjects(writer, session.environment.catalog, [address('pg_class', relation)], {
        behavior: 'cascade',
        notice: () => undefined,
      });
    } else yield* truncate(writer, [found]);
  }
}

/** Drops the temporary schema with everything in it, in a transaction of its own. For the end of a session. */
export function* dropTemporarySchema(session: Session): Task<void> {
  const oid = session.environment.searchPathSetting.temporary;
  if (oid === 0) return;
  const writer = session.db.catalog.writer(session.block.ensure());
  yield* dropObjects(writer, session.environment.catalog, [address('pg_namespace', oid)], {
    behavior: 'cascade',
    notice: () => undefined,
  });
  yield* session.block.commit();
}

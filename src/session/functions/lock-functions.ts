/** Functions that show who holds and waits for locks: pg_locks and pg_blocking_pids. */
import { contextFunctions, type FunctionFamily, joinFamilies, setFunctions } from '../../sql/functions/registry.js';
import type { LockInfo, LockTag } from '../../storage/api.js';
import { rowPosition } from '../../storage/lock-tag.js';
import { type Datum, PgArray, type Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { timestampOf } from '../session-types.js';
import { sessionOf } from './session-of.js';

/** The table modes that PostgreSQL takes without its shared lock table. */
const FAST_PATH_MODES = new Set(['AccessShareLock', 'RowShareLock', 'RowExclusiveLock']);
const ADVISORY = /^advisory lock \[(\d+),(\d+),(\d+),(\d+)\]$/;

/** What the catalogs say of relations. */
interface Relations {
  isShared(relation: number): boolean;
  /** Null for those of other databases. */
  ofStorage(storage: number): number | null;
}

/** The columns of pg_locks that say what is locked, locktype to objsubid. */
function tagColumns(tag: LockTag, relations: Relations): Row {
  const columns: Row = new Array<Datum>(10).fill(null);
  columns[0] = tag.kind;
  switch (tag.kind) {
    case 'relation':
      columns[1] = tag.database;
      columns[2] = tag.relation;
      break;
    case 'tuple':
    case 'row': {
      const { page, line } = rowPosition(tag.rowId);
      columns.splice(1, 4, relations.isShared(tag.relation) ? 0 : tag.database, tag.relation, page, line);
      break;
    }
    case 'predicate': {
      const place = tag.rowId === null ? { page: tag.page, line: null } : rowPosition(tag.rowId);
      columns[0] = place.line !== null ? 'tuple' : place.page !== null ? 'page' : 'relation';
      columns.splice(1, 4, tag.database, relations.ofStorage(tag.storage), place.page, place.line);
      break;
    }
    case 'virtualxid':
      columns[5] = tag.virtualTransaction;
      break;
    case 'transactionid':
      columns[6] = tag.xid;
      break;
    case 'object': {
      const advisory = ADVISORY.exec(tag.key);
      if (advisory === null) break;
      columns[0] = 'advisory';
      columns[1] = Number(advisory[1]);
      columns.splice(7, 3, Number(advisory[2]), Number(advisory[3]), Number(advisory[4]));
      break;
    }
  }
  return columns;
}

function lockRow(lock: LockInfo, relations: Relations): Row {
  const { tag, isPrepared, granted, mode } = lock;
  const fastPath =
    granted && !isPrepared && (tag.kind === 'virtualxid' || (tag.kind === 'relation' && FAST_PATH_MODES.has(mode)));
  return [
    ...tagColumns(tag, relations),
    lock.virtualTransaction,
    isPrepared ? null : lock.pid,
    mode,
    granted,
    fastPath,
    lock.waitStart === null ? null : timestampOf(lock.waitStart),
  ];
}

const sets = setFunctions({
  *pg_lock_status(cx): Iterable<Row> {
    const { store, catalog } = sessionOf(cx);
    const relations: Relations = {
      isShared: (relation) => catalog.rows('pg_class_oid_index', [relation])[0]?.boolean('relisshared') === true,
      ofStorage: (storage) => catalog.rows('pg_class_tblspc_relfilenode_index', [0, storage])[0]?.number('oid') ?? null,
    };
    for (const lock of store.locks(false)) {
      if (lock.pid !== 0 || lock.isPrepared) yield lockRow(lock, relations);
    }
  },
});

const blocking = contextFunctions({
  pg_blocking_pids: (cx, pid: number) => {
    const { sessions, store } = sessionOf(cx);
    const session = sessions.get(pid);
    const wait = session === undefined ? null : store.lockWait(session.lockGroup);
    return PgArray.of(oid.INT4, wait === null ? [] : wait.blockers);
  },
});

export const lockFunctions: FunctionFamily = joinFamilies(sets, blocking);

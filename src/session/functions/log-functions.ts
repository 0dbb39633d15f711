/** Positions in the write-ahead log, and what there is to say of replication and recovery on a server that does neither. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { contextFunctions, type FunctionFamily, joinFamilies, plainFunctions } from '../../sql/functions/registry.js';
import { sessionOf } from './session-of.js';

function notInRecovery(): SqlError {
  return sqlError('object_not_in_prerequisite_state', 'recovery is not in progress', {
    hint: 'Recovery control functions can only be executed during recovery.',
  });
}

const recoveryControl = (): never => {
  throw notInRecovery();
};

/** Rows are never locked by several transactions under one id: the oldest such id is the next one. */
const INVALID_MULTIXACT = 0;
const OLDEST = 2147483647;

export const logFunctions: FunctionFamily = joinFamilies(
  contextFunctions({
    pg_current_wal_lsn: (cx) => sessionOf(cx).store.appendedLsn,
    pg_current_wal_insert_lsn: (cx) => sessionOf(cx).store.appendedLsn,
    pg_current_wal_flush_lsn: (cx) => sessionOf(cx).store.durableLsn,
  }),
  plainFunctions({
    pg_last_wal_receive_lsn: () => null,
    pg_last_wal_replay_lsn: () => null,
    pg_last_xact_replay_timestamp: () => null,
    pg_is_wal_replay_paused: recoveryControl,
    pg_get_wal_replay_pause_state: recoveryControl,
    pg_wal_replay_pause: recoveryControl,
    pg_wal_replay_resume: recoveryControl,
    mxid_age: (id: number) => (id === INVALID_MULTIXACT ? OLDEST : 0),
  }),
);

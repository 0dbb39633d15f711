/** Functions about the session and the server: names, settings, sequences, versions, waiting. */

import { encodingName, encodingNumber } from '../../catalog/encodings.js';
import { sqlError } from '../../errors/sql-error.js';
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import type { Interval } from '../../types/datetime/interval.js';
import { PgArray } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { WaitEvent } from '../../util/task.js';
import { versionText } from '../version.js';
import { pause, sessionOf, waitFor } from './session-of.js';

function currentSetting(cx: CallContext, name: string, missingOk: boolean): string | null {
  const value = cx.session.getSetting(name);
  if (value !== undefined) return value;
  if (missingOk) return null;
  throw sqlError('undefined_object', `unrecognized configuration parameter "${name}"`);
}

/** Waits for whoever is altering the sequence, and keeps others from it until the end of the transaction. */
function lockSequence(cx: CallContext, sequence: number): void {
  const { transaction } = sessionOf(cx);
  if (transaction.holdsTable(sequence, 'RowExclusiveLock')) return;
  waitFor(cx, () => transaction.lockTable(sequence, 'RowExclusiveLock', 'wait'));
}

const PG_SLEEP: WaitEvent = { type: 'Timeout', name: 'PgSleep' };

export const sessionFunctions: FunctionFamily = contextFunctions({
  pgsql_version: () => versionText(),
  current_database: (cx) => cx.session.database,
  current_schema: (cx) => cx.session.searchPath(false)[0] ?? null,
  current_schemas: (cx, implicit: boolean) => PgArray.of(oid.NAME, cx.session.searchPath(implicit)),
  current_user: (cx) => cx.session.currentUser,
  session_user: (cx) => cx.session.sessionUser,
  current_query: (cx) => sessionOf(cx).currentQuery(),
  pg_backend_pid: (cx) => cx.session.backendPid,
  pg_export_snapshot: (cx) => sessionOf(cx).exportSnapshot(),
  pg_client_encoding: () => 'UTF8',
  getdatabaseencoding: () => 'UTF8',
  PG_encoding_to_char: (_cx, encoding: number) => encodingName(encoding) ?? '',
  PG_char_to_encoding: (_cx, name: string) => encodingNumber(name),
  pg_encoding_max_length_sql: (_cx, encoding: number) =>
    encoding === 6 ? 4 : encoding < 0 || encoding > 41 ? null : 1,
  show_config_by_name: (cx, name: string) => currentSetting(cx, name, false),
  show_config_by_name_missing_ok: (cx, name: string, missingOk: boolean) => currentSetting(cx, name, missingOk),
  set_config_by_name: (cx, name: string | null, value: string | null, local: boolean | null) => {
    if (name === null) throw sqlError('null_value_not_allowed', 'SET requires parameter name');
    return cx.session.setSetting(name, value ?? '', local === true);
  },
  nextval_oid: (cx, sequence: number) => {
    lockSequence(cx, sequence);
    return cx.session.nextval(sequence, false);
  },
  // What identity columns call: their sequence asks for no privileges of its own.
  nextval_identity: (cx, sequence: number) => {
    lockSequence(cx, sequence);
    return cx.session.nextval(sequence, true);
  },
  currval_oid: (cx, sequence: number) => cx.session.currval(sequence),
  lastval: (cx) => cx.session.lastval(),
  setval_oid: (cx, sequence: number, value: number | bigint) => {
    lockSequence(cx, sequence);
    cx.session.setval(sequence, value, true);
    return value;
  },
  setval3_oid: (cx, sequence: number, value: number | bigint, isCalled: boolean) => {
    lockSequence(cx, sequence);
    cx.session.setval(sequence, value, isCalled);
    return value;
  },
  pg_sequence_last_value: (cx, sequence: number) => sessionOf(cx).sequences.lastValue(sequence),
  pg_sleep: (cx, seconds: number) => {
    waitFor(cx, () => pause(sessionOf(cx), Math.max(0, seconds * 1000), PG_SLEEP));
    return '';
  },
  pg_jit_available: () => false,
  pg_trigger_depth: (cx) => sessionOf(cx).routines.triggerDepth,
  'pg_sleep_for(interval)': (cx, time: Interval) => {
    const days = time.months * 30 + time.days;
    const milliseconds = days * 86_400_000 + Number(time.microseconds) / 1000;
    waitFor(cx, () => pause(sessionOf(cx), Math.max(0, milliseconds), PG_SLEEP));
    return '';
  },
  'pg_sleep_until(timestamptz)': (cx, until: number) => {
    const milliseconds = (until - cx.session.clockTimestamp()) / 1000;
    waitFor(cx, () => pause(sessionOf(cx), Math.max(0, milliseconds), PG_SLEEP));
    return '';
  },
  xid_age: (cx, xid: number) => (sessionOf(cx).store.upcomingXid - xid) | 0,
  pg_is_in_recovery: () => false,
  pg_postmaster_start_time: (cx) => sessionOf(cx).startTime(),
  pg_conf_load_time: (cx) => sessionOf(cx).configuredTime(),
  pg_reload_conf: (cx) => {
    sessionOf(cx).server.reload();
    return true;
  },
  pg_current_xact_id: (cx) => sessionOf(cx).transactionId(true),
  pg_current_xact_id_if_assigned: (cx) => sessionOf(cx).transactionId(false),
  pg_notify: (cx, channel: string | null, payload: string | null) => {
    sessionOf(cx).notifications.notify(channel ?? '', payload ?? '');
    return '';
  },
  pg_notification_queue_usage: (cx) => sessionOf(cx).notifications.usage,
  pg_typeof: (cx) => cx.argTypes[0],
  pg_collation_for: collationFor,
  inet_server_addr: () => null,
  inet_server_port: () => null,
  pg_my_temp_schema: (cx) => sessionOf(cx).searchPathSetting.temporary,
  pg_is_other_temp_schema: (cx, schema: number) => {
    const name = sessionOf(cx).catalog.namespace(schema)?.name ?? '';
    return name.startsWith('pg_temp_') && schema !== sessionOf(cx).searchPathSetting.temporary;
  },
});

/** @throws SqlError 42804 */
function collationFor(cx: CallContext): string | null {
  const [type] = cx.argTypes;
  if (type === oid.UNKNOWN) return null;
  if ((sessionOf(cx).catalog.type(type)?.collation ?? 0) === 0) {
    const shown = cx.catalog.formatType(type, -1);
    throw sqlError('datatype_mismatch', `collations are not supported by type ${shown}`);
  }
  return cx.collation === undefined || cx.collation === 0 ? null : cx.catalog.regOut('regcollation', cx.collation);
}

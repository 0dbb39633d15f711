/** pg_stat_activity: what each session is, does and waits for; and what its client's address is. */

import type { CallContext } from '../../sql/functions/registry.js';
import { contextFunctions, type FunctionFamily, joinFamilies, setFunctions } from '../../sql/functions/registry.js';
import type { Datum, Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { WaitEvent } from '../../util/task.js';
import type { Session } from '../session.js';
import { mayActAs } from './privilege-functions.js';
import { sessionOf } from './session-of.js';

const COLUMNS = 30;
/** OID of pg_read_all_stats, whose members see what everybody does. */
export const READ_ALL_STATS = 3375;
/** Bytes of a query's text that are shown (track_activity_query_size with its closing zero). */
const QUERY_BYTES = 1023;

const NO_BACKEND = '<backend information not available>';
const NOT_ALLOWED = '<insufficient privilege>';

const CLIENT_READ: WaitEvent = { type: 'Client', name: 'ClientRead' };

function stateOf(session: Session): string {
  if (session.state === 'active') return 'active';
  switch (session.block.status) {
    case 'T':
      return 'idle in transaction';
    case 'E':
      return 'idle in transaction (aborted)';
    default:
      return 'idle';
  }
}

/** Cuts between characters. */
function shownQuery(query: string): string {
  const bytes = Buffer.from(query);
  if (bytes.length <= QUERY_BYTES) return query;
  let end = QUERY_BYTES;
  while ((bytes[end] & 0b11000000) === 0b10000000) end--;
  return bytes.toString('utf8', 0, end);
}

function clientAddress(cx: CallContext, session: Session): Datum {
  const { remoteAddress } = session.request;
  const { types } = sessionOf(cx);
  return remoteAddress.startsWith('[') ? null : types.codec(oid.INET).parse(remoteAddress, types, -1);
}

/** What everybody may know of a session. */
function publicRow(session: Session): Row {
  const row: Row = new Array<Datum>(COLUMNS).fill(null);
  row[0] = session.db.oid;
  row[1] = session.backendPid;
  row[2] = session.roleOid;
  row[3] = session.settings.get('application_name') ?? '';
  row[5] = NOT_ALLOWED;
  return row;
}

function tlsColumns(cx: CallContext, session: Session, row: Row): void {
  const { tls } = session.request;
  const { types } = sessionOf(cx);
  row[18] = tls !== null;
  if (tls === null) return;
  row[19] = tls.version;
  row[20] = tls.cipher;
  row[21] = tls.bits;
  row[22] = tls.clientDn;
  row[23] = tls.clientSerial === null ? null : types.codec(oid.NUMERIC).parse(tls.clientSerial, types, -1);
  row[24] = tls.issuerDn;
}

function wholeRow(cx: CallContext, session: Session): Row {
  const { db, block, backendPid } = session;
  const { types } = session.environment;
  const transaction = block.current;
  const event = session.state === 'idle' ? CLIENT_READ : db.cluster.backends.waitEvent(backendPid);
  const row = publicRow(session);
  row[4] = stateOf(session);
  row[5] = shownQuery(session.currentQuery);
  row[6] = event?.type ?? null;
  row[7] = event?.name ?? null;
  row[8] = transaction === null ? null : types.transactionTimestamp;
  row[9] = types.statementTimestamp === 0 ? null : types.statementTimestamp;
  row[10] = session.startedAt;
  row[11] = session.stateChangedAt;
  row[12] = clientAddress(cx, session);
  row[14] = session.request.remotePort;
  row[15] = transaction === null || transaction.xid === 0 ? null : transaction.xid;
  row[16] = transaction?.xmin ?? null;
  row[17] = 'client backend';
  tlsColumns(cx, session, row);
  row[25] = false;
  row[27] = false;
  return row;
}

const sets = setFunctions({
  *pg_listening_channels(cx): Iterable<Datum> {
    yield* sessionOf(cx).notifications.listening;
  },
  *pg_stat_get_activity(cx, pid: number | null): Iterable<Row> {
    const all = mayActAs(cx, READ_ALL_STATS);
    for (const [id, session] of sessionOf(cx).sessions) {
      if (pid !== null && pid !== id) continue;
      yield all || mayActAs(cx, session.roleOid) ? wholeRow(cx, session) : publicRow(session);
    }
  },
});

/** Suffixes of pg_stat_get_backend_…, with the column of pg_stat_get_activity that has the same. */
const BACKEND_COLUMNS = {
  dbid: 0,
  pid: 1,
  userid: 2,
  xact_start: 8,
  activity_start: 9,
  start: 10,
  client_addr: 12,
  client_port: 14,
} as const;
/** The same of those that say why there is nothing to show. */
const BACKEND_TEXTS = { activity: 5, wait_event_type: 6, wait_event: 7 } as const;

/** What one column of pg_stat_get_activity says of a backend; `missing`, `hidden`: without the backend, or the right to see it. */
function backendColumn(column: number, missing: Datum, hidden: Datum) {
  return (cx: CallContext, pid: number): Datum => {
    const session = sessionOf(cx).sessions.get(pid);
    if (session === undefined) return missing;
    if (mayActAs(cx, READ_ALL_STATS) || mayActAs(cx, session.roleOid)) return wholeRow(cx, session)[column] ?? null;
    return column <= 2 ? publicRow(session)[column] : hidden;
  };
}

const backends = contextFunctions(
  Object.fromEntries([
    ...Object.entries(BACKEND_COLUMNS).map(([name, column]) => [
      `pg_stat_get_backend_${name}`,
      backendColumn(column, null, null),
    ]),
    ...Object.entries(BACKEND_TEXTS).map(([name, column]) => [
      `pg_stat_get_backend_${name}`,
      backendColumn(column, NO_BACKEND, NOT_ALLOWED),
    ]),
  ]),
);

const ownSession = (cx: CallContext): Session | undefined => sessionOf(cx).sessions.get(cx.session.backendPid);

const client = contextFunctions({
  inet_client_addr: (cx) => {
    const session = ownSession(cx);
    return session === undefined ? null : clientAddress(cx, session);
  },
  inet_client_port: (cx) => {
    const session = ownSession(cx);
    return session === undefined || session.request.remotePort < 0 ? null : session.request.remotePort;
  },
});

export const activityFunctions: FunctionFamily = joinFamilies(sets, backends, client);

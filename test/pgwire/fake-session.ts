/**
 * A database of a few fixed statements, for tests of the wire:
 *
 *     select 1 | rows N | wide N | begin | commit | rollback | set NAME VALUE | notice TEXT
 *     error | fatal | crash | badrow | sleep | wake | instant | busy N | copy in | copy out N | copy fail
 *
 * Several statements may stand in one query, with semicolons. `$1` as a statement gives its first parameter back.
 */
// biome-ignore-all lint/correctness/useYield: most statements of the fake end without waiting
import { sqlError } from '../../src/errors/sql-error.js';
import type { FieldDescription, Format, ResultSink } from '../../src/session/result-sink.js';
import type {
  BindParameters,
  RoleCredentials,
  SessionFactory,
  StartupRequest,
  TransactionStatus,
  WireSession,
} from '../../src/session/wire-session.js';
import type { TypeCodec } from '../../src/types/type-codec.js';
import type { TypeContext } from '../../src/types/type-context.js';
import { GIVE_WAY, Signal, type Task, type Wait } from '../../src/util/task.js';

const INT4 = 23;
const TEXT = 25;

function field(name: string, typeOid: number): FieldDescription {
  return { name, tableOid: 0, columnNumber: 0, typeOid, typeLength: typeOid === INT4 ? 4 : -1, typmod: -1 };
}

function unused(): never {
  throw new Error('not part of the fake');
}

/** A codec for anything: text is `String(value)` in angle brackets, binary its bytes. */
export const BRACKET_CODEC: TypeCodec = {
  parse: (text) => text,
  format(value) {
    if (value === 'unprintable') throw sqlError('data_corrupted', 'unprintable value');
    return `<${String(value)}>`;
  },
  receive: unused,
  send(value, out) {
    out.utf8(String(value));
  },
  compare: unused,
  groupKey: unused,
  encodeKey: unused,
};

export const FAKE_TYPE_CONTEXT: TypeContext = {
  settings: {
    dateStyle: 'ISO',
    dateOrder: 'MDY',
    intervalStyle: 'postgres',
    timeZone: 'UTC',
    extraFloatDigits: 1,
    byteaOutput: 'hex',
  },
  catalog: {
    enumLabel: unused,
    enumValue: unused,
    enumSortOrder: unused,
    compositeFields: unused,
    elementType: unused,
    arrayType: unused,
    formatType: unused,
    regIn: unused,
    regOut: unused,
    roleName: unused,
    roleOid: unused,
    collation: () => undefined,
  },
  codec: () => BRACKET_CODEC,
  transactionTimestamp: 0,
  statementTimestamp: 0,
};

/** All that sleep, and what happened when: for tests of who runs inside whom. */
const SLEEPERS = new Set<Signal>();
export const WAKE_EVENTS: string[] = [];

interface FakePortal {
  readonly sql: string;
  readonly parameter: string | null;
  readonly formats: readonly Format[];
  sent: number;
}

export class FakeSession implements WireSession {
  transactionStatus: TransactionStatus = 'I';
  /** Null: everything may be told. */
  untold: Signal | null = null;

  beforeTelling(): Wait | null {
    return this.untold;
  }
  terminated = 0;
  cancelled = 0;
  syncs = 0;
  /** The sink of the last message, to send asynchronous messages through. */
  lastSink: ResultSink | null = null;
  readonly copied: string[] = [];
  private readonly statements = new Map<string, string>();
  private readonly portals = new Map<string, FakePortal>();
  private sleeping: Signal | null = null;
  private cancelRequested = false;

  constructor(readonly request: StartupRequest) {}

  *query(sql: string, sink: ResultSink): Task<void> {
    this.lastSink = sink;
    const parts = sql.split(';').map((part) => part.trim());
    if (parts.length > 1 && parts[parts.length - 1] === '') parts.pop();
    try {
      for (const part of parts) {
        const fields = this.fieldsOf(part);
        const portal = { sql: part, parameter: null, formats: fields?.map((): Format => 0) ?? [], sent: 0 };
        if (fields !== null) sink.describeRows(fields, portal.formats);
        yield* this.run(portal, 0, sink);
      }
    } catch (error) {
      this.failed();
      throw error;
    }
  }

  *parse(name: string, sql: string, _types: readonly number[], sink: ResultSink): Task<void> {
    this.lastSink = sink;
    if (sql === 'syntax error') {
      this.failed();
      throw sqlError('syntax_error', 'syntax error at or near "syntax"', { position: 1 });
    }
    this.statements.set(name, sql);
    sink.parseComplete();
  }

  *bind(
    portal: string,
    statement: string,
    parameters: BindParameters,
    formats: readonly Format[],
    sink: ResultSink,
  ): Task<void> {
    const sql = this.statement(statement);
    const { bytes, starts, ends } = parameters;
    const parameter = starts.length === 0 || starts[0] === -1 ? null : bytes.toString('utf8', starts[0], ends[0]);
    const count = this.fieldsOf(sql)?.length ?? 0;
    const expanded = Array.from({ length: count }, (_, i): Format => formats[formats.length === 1 ? 0 : i] ?? 0);
    this.portals.set(portal, { sql, parameter, formats: expanded, sent: 0 });
    sink.bindComplete();
  }

  describeStatement(name: string, sink: ResultSink): void {
    const sql = this.statement(name);
    sink.parameterTypes(sql.includes('$1') ? [TEXT] : []);
    const fields = this.fieldsOf(sql);
    sink.describeRows(fields, fields?.map((): Format => 0) ?? []);
  }

  describePortal(name: string, sink: ResultSink): void {
    const portal = this.portal(name);
    sink.describeRows(this.fieldsOf(portal.sql), portal.formats);
  }

  *execute(name: string, maxRows: number, sink: ResultSink): Task<void> {
    this.lastSink = sink;
    try {
      yield* this.run(this.portal(name), maxRows, sink);
    } catch (error) {
      this.failed();
      throw error;
    }
  }

  closeStatement(name: string, sink: ResultSink): void {
    this.statements.delete(name);
    sink.closeComplete();
  }

  closePortal(name: string, sink: ResultSink): void {
    this.portals.delete(name);
    sink.closeComplete();
  }

  *sync(): Task<void> {
    this.syncs++;
  }

  cancel(): void {
    this.cancelled++;
    this.cancelRequested = true;
    this.sleeping?.fire();
  }

  becameIdle(): void {
    // Has no timeouts.
  }

  fail(): void {
    this.failed();
  }

  terminate(): void {
    this.terminated++;
  }

  private statement(name: string): string {
    const sql = this.statements.get(name);
    if (sql === undefined) {
      throw sqlError('invalid_sql_statement_name', `prepared statement "${name}" does not exist`);
    }
    return sql;
  }

  private portal(name: string): FakePortal {
    const portal = this.portals.get(name);
    if (portal === undefined) throw sqlError('invalid_cursor_name', `portal "${name}" does not exist`);
    return portal;
  }

  private failed(): void {
    if (this.transactionStatus === 'T') this.transactionStatus = 'E';
  }

  private fieldsOf(sql: string): FieldDescription[] | null {
    const [verb] = sql.split(' ');
    if (verb === 'select') return [field('?column?', INT4)];
    if (verb === 'rows' || verb === '$1' || verb === 'badrow') return [field('n', INT4), field('t', TEXT)];
    if (verb === 'wide') return [field('n', INT4), field('t', TEXT)];
    return null;
  }

  private *run(portal: FakePortal, maxRows: number, sink: ResultSink): Task<void> {
    this.cancelRequested = false;
    const [verb, word = '', ...rest] = portal.sql.split(' ');
    if (this.transactionStatus === 'E' && verb !== 'rollback' && verb !== 'commit') {
      throw sqlError(
        'in_failed_sql_transaction',
        'current transaction is aborted, commands ignored until end of transaction block',
      );
    }
    switch (verb) {
      case '':
        sink.emptyQuery();
        return;
      case 'select':
        sink.startRows([INT4], portal.formats, FAKE_TYPE_CONTEXT);
        sink.row([1]);
        sink.complete('SELECT 1');
        return;
      case '$1':
        sink.startRows([INT4, TEXT], portal.formats, FAKE_TYPE_CONTEXT);
        sink.row([null, portal.parameter]);
        sink.complete('SELECT 1');
        return;
      case 'rows':
        yield* this.rows(portal, Number(word), maxRows, '', sink);
        return;
      case 'wide':
        yield* this.rows(portal, Number(word), maxRows, 'x'.repeat(1000), sink);
        return;
      case 'badrow':
        sink.startRows([1, 1], portal.formats, FAKE_TYPE_CONTEXT);
        sink.row(['fine', 2]);
        sink.row([3, 'unprintable']);
        return;
      case 'begin':
        this.transactionStatus = 'T';
        sink.complete('BEGIN');
        return;
      case 'commit':
      case 'rollback':
        this.transactionStatus = 'I';
        sink.complete(verb.toUpperCase());
        return;
      case 'set':
        sink.parameterStatus(word, rest.join(' '));
        sink.complete('SET');
        return;
      case 'notice':
        sink.notice({ severity: 'NOTICE', code: '00000', message: word, fields: {} });
        sink.complete('DO');
        return;
      case 'error':
        throw sqlError('undefined_table', 'relation "x" does not exist', { position: 15 });
      case 'fatal':
        throw sqlError('admin_shutdown', 'told to die', { severity: 'FATAL' });
      case 'crash':
        throw new Error('secret of the house');
      case 'sleep':
        yield* this.sleep();
        sink.complete('SELECT 1');
        return;
      case 'wake':
        WAKE_EVENTS.push('waking');
        for (const sleeper of SLEEPERS) sleeper.fire();
        WAKE_EVENTS.push('woke');
        sink.complete('DO');
        return;
      case 'instant':
        for (let i = 0; i < 10_000; i++) {
          const over = new Signal();
          over.fire();
          yield over;
        }
        sink.complete('DO');
        return;
      case 'busy':
        for (let i = 0; i < Number(word); i++) yield GIVE_WAY;
        sink.complete('DO');
        return;
      case 'copy':
        yield* this.copy(word, rest, sink);
        return;
      default:
        throw sqlError('syntax_error', `syntax error at or near "${verb}"`, { position: 1 });
    }
  }

  private *rows(portal: FakePortal, total: number, maxRows: number, text: string, sink: ResultSink): Task<void> {
    sink.startRows([INT4, TEXT], portal.formats, FAKE_TYPE_CONTEXT);
    let count = 0;
    while (portal.sent < total) {
      if (maxRows > 0 && count === maxRows) {
        sink.suspended();
        return;
      }
      sink.row([++portal.sent, text]);
      count++;
      if (count % 64 === 0) {
        const wait = sink.backpressure();
        if (wait !== null) yield wait;
      }
    }
    sink.complete(`SELECT ${count}`);
  }

  private *sleep(): Task<void> {
    this.sleeping = new Signal();
    SLEEPERS.add(this.sleeping);
    yield this.sleeping;
    SLEEPERS.delete(this.sleeping);
    this.sleeping = null;
    WAKE_EVENTS.push('slept');
    if (this.cancelRequested) throw sqlError('query_canceled', 'canceling statement due to user request');
  }

  private *copy(direction: string, rest: readonly string[], sink: ResultSink): Task<void> {
    if (direction === 'out') {
      sink.copyOut(0, [0]);
      for (let i = 1; i <= Number(rest[0]); i++) sink.copyData(Buffer.from(`${i}\n`));
      sink.copyDone();
      sink.complete(`COPY ${rest[0]}`);
      return;
    }
    sink.copyIn(0, [0]);
    for (;;) {
      const chunk = yield* sink.readCopyData();
      if (chunk === null) break;
      if (direction === 'fail') throw sqlError('bad_copy_file_format', 'extra data after last expected column');
      this.copied.push(chunk.toString());
    }
    sink.complete(`COPY ${this.copied.length}`);
  }
}

/** A role, in no other, whose password has not expired. */
export function fakeRole(password: string | null, canLogin = true, passwordExpired = false): RoleCredentials {
  return { roleOid: 10, canLogin, password, passwordExpired, isMemberOf: () => false };
}

/** Opens fake sessions and remembers them. */
export class FakeDatabase implements SessionFactory {
  readonly sessions: FakeSession[] = [];
  readonly roles = new Map<string, RoleCredentials>([['tester', fakeRole(null)]]);

  credentials(user: string): RoleCredentials | undefined {
    return this.roles.get(user);
  }

  prepare(): null {
    return null;
  }

  open(request: StartupRequest): FakeSession {
    if (request.database === 'nosuch') throw sqlError('undefined_database', 'database "nosuch" does not exist');
    const session = new FakeSession(request);
    this.sessions.push(session);
    return session;
  }

  reportedSettings(): readonly [string, string][] {
    return [
      ['server_version', '15.18'],
      ['client_encoding', 'UTF8'],
    ];
  }
}

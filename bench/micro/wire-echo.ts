/**
 * What the wire alone costs: a session that answers every statement with one fixed row, driven by pgbench with
 * point selects, so that nothing but protocol and socket is measured. In a child process of its own, as a server.
 *
 *     node dist/bench/micro/wire-echo.js [seconds] [clients]
 */
import { execFile, fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PgWireServer } from '../../src/pgwire/server.js';
import type { FieldDescription, Format, ResultSink } from '../../src/session/result-sink.js';
import type { BindParameters, SessionFactory, TransactionStatus, WireSession } from '../../src/session/wire-session.js';
import { INT4 } from '../../src/types/oids.js';
import type { TypeContext } from '../../src/types/type-context.js';
import type { Task } from '../../src/util/task.js';

const FIELDS: readonly FieldDescription[] = [
  { name: 'abalance', tableOid: 16384, columnNumber: 3, typeOid: INT4, typeLength: 4, typmod: -1 },
];
const TYPES = [INT4];
const TEXT_FORMATS: readonly Format[] = [0];
const SQL = '\\set aid random(1, 100000)\nSELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n';

function unused(): never {
  throw new Error('not part of the echo');
}

const CONTEXT: TypeContext = {
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
  codec: unused,
  transactionTimestamp: 0,
  statementTimestamp: 0,
};

/** Work that is already over. A finished generator stays finished, so that one does for all. */
const FINISHED: Task<void> = (function* finished(): Task<void> {})();

class EchoSession implements WireSession {
  readonly transactionStatus: TransactionStatus = 'I';

  query(_sql: string, sink: ResultSink): Task<void> {
    sink.describeRows(FIELDS, TEXT_FORMATS);
    return this.execute('', 0, sink);
  }

  parse(_name: string, _sql: string, _types: readonly number[], sink: ResultSink): Task<void> {
    sink.parseComplete();
    return FINISHED;
  }

  bind(_portal: string, _statement: string, _p: BindParameters, _f: readonly Format[], sink: ResultSink): Task<void> {
    sink.bindComplete();
    return FINISHED;
  }

  describeStatement(_name: string, sink: ResultSink): Task<void> {
    sink.parameterTypes(TYPES);
    return this.describePortal('', sink);
  }

  describePortal(_name: string, sink: ResultSink): Task<void> {
    sink.describeRows(FIELDS, TEXT_FORMATS);
    return FINISHED;
  }

  execute(_portal: string, _maxRows: number, sink: ResultSink): Task<void> {
    sink.startRows(TYPES, TEXT_FORMATS, CONTEXT);
    sink.row([4711]);
    sink.complete('SELECT 1');
    return FINISHED;
  }

  closeStatement(_name: string, sink: ResultSink): Task<void> {
    sink.closeComplete();
    return FINISHED;
  }

  closePortal(name: string, sink: ResultSink): Task<void> {
    return this.closeStatement(name, sink);
  }

  sync(): Task<void> {
    return FINISHED;
  }

  cancel(): void {}

  becameIdle(): void {}

  terminate(): void {}
}

const SESSIONS: SessionFactory = {
  credentials: () => ({ roleOid: 10, canLogin: true, password: null, passwordExpired: false, isMemberOf: () => false }),
  prepare: () => null,
  open: () => new EchoSession(),
  reportedSettings: () => [['server_version', '15.18']],
};

async function serve(): Promise<void> {
  const server = new PgWireServer({ sessions: SESSIONS, authMethod: () => ({ method: 'trust' }) });
  const { port } = await server.listen('127.0.0.1', 0);
  process.send?.(port);
  process.once('disconnect', () => void server.close('fast'));
}

async function measure(seconds: string, clients: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'wire-echo-'));
  const child = fork(fileURLToPath(import.meta.url), ['serve']);
  try {
    const script = join(directory, 'select.sql');
    await writeFile(script, SQL);
    const port = await new Promise<string>((resolve) => child.once('message', (value) => resolve(String(value))));
    for (const protocol of ['simple', 'extended', 'prepared']) {
      const flags = ['-n', '-h', '127.0.0.1', '-p', port, '-U', 'bench', '-M', protocol, '-f', script];
      const { stdout } = await promisify(execFile)('pgbench', [...flags, '-c', clients, '-j', '2', '-T', seconds, 'x']);
      const tps = /tps = ([\d.]+)/.exec(stdout)?.[1] ?? '?';
      const latency = /latency average = ([\d.]+ ms)/.exec(stdout)?.[1] ?? '?';
      console.log(`${protocol.padEnd(9)} ${clients} clients  ${Math.round(Number(tps))} round trips/s  ${latency}`);
    }
  } finally {
    child.disconnect();
    await rm(directory, { recursive: true });
  }
}

if (process.argv[2] === 'serve') await serve();
else await measure(process.argv[2] ?? '3', process.argv[3] ?? '8');

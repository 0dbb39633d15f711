/**
 * What short statements cost without a socket and without waiting: one session after the other is given the bytes that pgbench
 * sends for a prepared statement, and answers into memory; what follows a wait is not counted. The lower quartile of many small
 * rounds, in microseconds a statement.
 *
 *     node dist/bench/micro/statements.js [rounds]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/config.js';
import { FrameReader } from '../../src/pgwire/codec/frame-reader.js';
import { MessageLoop } from '../../src/pgwire/message-loop.js';
import { Output } from '../../src/pgwire/output.js';
import { RunQueue } from '../../src/pgwire/run-queue.js';
import { clusterOptions } from '../../src/server/cluster-options.js';
import { Cluster } from '../../src/session/cluster.js';

const ACCOUNTS = 200_000;
const PER_ROUND = 500;
const SYNC = message('S', Buffer.alloc(0));

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

function parse(name: string, sql: string): Buffer {
  return Buffer.concat([message('P', Buffer.concat([text(name), text(sql), int16(0)])), SYNC]);
}

/** Bind, Describe, Execute, Sync in one piece, as libpq's PQsendQueryPrepared has them. */
function execute(name: string, parameters: readonly (string | number)[]): Buffer {
  const values = parameters.map((value) => {
    const bytes = Buffer.from(String(value));
    return Buffer.concat([int32(bytes.length), bytes]);
  });
  const bind = [text(''), text(name), int16(0), int16(values.length), ...values, int16(1), int16(0)];
  return Buffer.concat([
    message('B', Buffer.concat(bind)),
    message('D', Buffer.from('P\0')),
    message('E', Buffer.concat([text(''), int32(0)])),
    SYNC,
  ]);
}

/** Takes what is written, and keeps the latest. */
class Mouth extends Socket {
  override writable = true;
  latest = '';
  whenWritten: (() => void) | null = null;

  override write(bytes: Uint8Array | string): boolean {
    this.latest = Buffer.from(bytes).toString('latin1');
    this.whenWritten?.();
    return true;
  }
}

class Client {
  private readonly mouth = new Mouth();
  private readonly output = new Output(this.mouth, 1 << 20);
  private readonly frames = new FrameReader();
  private readonly loop: MessageLoop;

  constructor(
    cluster: Cluster,
    private readonly queue: RunQueue,
    pid: number,
  ) {
    const request = {
      user: 'orbit',
      database: 'actors',
      settings: new Map(),
      remoteAddress: '',
      remotePort: 0,
      tls: null,
    };
    this.frames.isAuthenticated = true;
    const log = pino({ level: 'silent' });
    const host = { frames: this.frames, output: this.output, queue, log, finish: () => {}, setReading: () => {} };
    this.loop = new MessageLoop(host, cluster.open(request, pid));
  }

  /** Gives the bytes to the session; the answer may come later. */
  send(bytes: Buffer): void {
    this.frames.push(bytes);
    this.queue.enter(this.loop);
    this.output.sendIfDue();
  }

  /** Sends, and waits for the answer. @throws Error when that is an error */
  async ask(bytes: Buffer): Promise<void> {
    await this.time(bytes);
  }

  /** The same; milliseconds until the session has answered, or waits for something. */
  async time(bytes: Buffer): Promise<number> {
    this.mouth.latest = '';
    const started = performance.now();
    this.send(bytes);
    const spent = performance.now() - started;
    if (this.mouth.latest === '') await this.answered();
    if (/^[12CTDZn]/.test(this.mouth.latest)) return spent;
    throw new Error(this.mouth.latest);
  }

  private async answered(): Promise<void> {
    while (this.mouth.latest === '') {
      await new Promise<void>((resolve) => {
        this.mouth.whenWritten = resolve;
      });
    }
  }

  query(sql: string): Promise<void> {
    return this.ask(message('Q', text(sql)));
  }
}

const STATEMENTS: Readonly<Record<string, string>> = {
  select: 'SELECT abalance FROM pgbench_accounts WHERE aid = $1',
  begin: 'BEGIN',
  account: 'UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2',
  teller: 'UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2',
  branch: 'UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2',
  history: 'INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)',
  end: 'END',
};

const TABLES = [
  'CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor=100)',
  'CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84)) WITH (fillfactor=100)',
  'CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88)) WITH (fillfactor=100)',
  'CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))',
  `INSERT INTO pgbench_accounts SELECT n, n / 100000 + 1, 0, '' FROM generate_series(1, ${ACCOUNTS}) n`,
  `INSERT INTO pgbench_tellers SELECT n, n / 10 + 1, 0, '' FROM generate_series(1, 20) n`,
  `INSERT INTO pgbench_branches SELECT n, 0, '' FROM generate_series(1, 2) n`,
];

let seed = 1;

/** From 1 to `limit`, the same numbers in every run. */
function random(limit: number): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return 1 + (seed % limit);
}

function transaction(): readonly (readonly [name: string, bytes: Buffer])[] {
  const [aid, tid, bid, delta] = [random(ACCOUNTS), random(20), random(2), random(5000)];
  return [
    ['begin', execute('begin', [])],
    ['account', execute('account', [delta, aid])],
    ['select', execute('select', [aid])],
    ['teller', execute('teller', [delta, tid])],
    ['branch', execute('branch', [delta, bid])],
    ['history', execute('history', [tid, bid, aid, delta])],
    ['end', execute('end', [])],
  ];
}

async function measure(client: Client, rounds: number): Promise<Map<string, number>> {
  const all = new Map<string, number[]>();
  const note = (name: string, us: number): void => {
    const values = all.get(name) ?? [];
    values.push(us);
    all.set(name, values);
  };
  for (let round = 0; round < rounds; round++) {
    const selects = Array.from({ length: PER_ROUND }, () => execute('select', [random(ACCOUNTS)]));
    for (const bytes of selects) await client.ask(bytes);
    const started = performance.now();
    for (const bytes of selects) client.send(bytes);
    note('select alone', ((performance.now() - started) * 1000) / PER_ROUND);
    const spent = new Map<string, number>();
    for (let n = 0; n < PER_ROUND; n++) {
      for (const [name, bytes] of transaction()) spent.set(name, (spent.get(name) ?? 0) + (await client.time(bytes)));
    }
    let sum = 0;
    for (const [name, ms] of spent) {
      note(name, (ms * 1000) / PER_ROUND);
      sum += ms;
    }
    note('transaction', (sum * 1000) / PER_ROUND);
  }
  return new Map([...all].map(([name, values]) => [name, values.sort((a, b) => a - b)[values.length >> 2]]));
}

async function main(rounds: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'statements-'));
  const config = loadConfig({ 'data-dir': directory, 'log-level': 'error' }, {}, directory);
  const files = { connections: 10, sockets: 10, tables: 100, temporary: 10 };
  const cluster = await Cluster.open(clusterOptions(config, pino({ level: 'silent' }), files));
  try {
    const queue = new RunQueue((error) => {
      throw error;
    });
    const client = new Client(cluster, queue, 1);
    for (const sql of TABLES) await client.query(sql);
    for (const [name, sql] of Object.entries(STATEMENTS)) await client.ask(parse(name, sql));
    for (const [name, us] of await measure(client, rounds)) console.log(`${name.padEnd(14)}${us.toFixed(2)} us`);
  } finally {
    await cluster.close();
    await rm(directory, { recursive: true });
  }
}

await main(Number(process.argv[2] ?? 20));

/**
 * Runs the cases of a session script against a server, PostgreSQL or ours, and gives the outcome of each step. Whether
 * a session waits is asked of the server itself, on a connection of the runner's own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { errorLines, outcome, type Protocol } from '../golden/golden-file.js';
import type { SessionCase, Step } from './session-script.js';

/** Longest time that any one answer may take: milliseconds. */
const PATIENCE_MS = 10_000;
const POLL_MS = 4;

const WAITS = `SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted)
  OR EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'SafeSnapshot') AS waits`;

const ACTIVE = "SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active'";

/** One named session of a case: its connection, and the statement it has not answered yet. */
class ScriptSession {
  /** What the last statement has answered, until it is reported. */
  answer: readonly string[] | null = null;
  busy = false;
  /** Nobody looks at the answer until it is asked for. */
  inBackground = false;
  /** Resolves when the last statement is answered. */
  answered: Promise<void> = Promise.resolve();
  /** The error with which the server has ended an idle connection. */
  farewell: readonly string[] | null = null;
  closed = false;
  /** Resolves when the connection is closed. */
  private ended: Promise<void> = Promise.resolve();

  private constructor(
    readonly name: string,
    private readonly client: pg.Client,
  ) {}

  static async connect(name: string, config: pg.ClientConfig): Promise<ScriptSession> {
    const role = name.split('@')[1];
    const user = role === undefined ? {} : { user: role };
    const client = new pg.Client({ ...config, ...user, application_name: name });
    const session = new ScriptSession(name, client);
    client.on('error', (error) => {
      if (error instanceof pg.DatabaseError) session.farewell ??= describe(error);
    });
    session.ended = new Promise((resolve) => {
      client.on('end', () => {
        session.closed = true;
        resolve();
      });
    });
    await client.connect();
    return session;
  }

  /** The process number, as BackendKeyData has told it. */
  get pid(): number {
    const pid: unknown = Reflect.get(this.client, 'processID');
    if (typeof pid !== 'number') throw new Error(`${this.name} has no process number`);
    return pid;
  }

  /** `protocol`: for single statements; several go as one simple query. */
  send(sql: string, protocol: Protocol): void {
    if (this.busy) throw new Error(`${this.name} has not answered its last statement yet: ${sql}`);
    this.busy = true;
    this.answer = null;
    this.answered = outcome(this.client, sql, describe, /;\s*\S/.test(sql) ? 'simple' : protocol).then(
      async (lines) => {
        if (lines.some((line) => line.startsWith('| FATAL'))) await this.ended;
        this.answer = lines;
        this.busy = false;
      },
      (error: Error) => {
        this.answer = this.farewell ?? [`| connection broken: ${error.message}`];
        this.busy = false;
      },
    );
  }

  takeAnswer(): readonly string[] {
    const lines = this.answer ?? [];
    this.answer = null;
    return lines;
  }

  end(): Promise<void> {
    return this.closed ? Promise.resolve() : this.client.end();
  }
}

/** An error with its context. */
function describe(error: pg.DatabaseError): string[] {
  const lines = errorLines(error);
  if (error.where !== undefined) lines.push(`| CONTEXT ${error.where.replaceAll('\n', '\\n')}`);
  return lines;
}

export class SessionRunner {
  private readonly sessions = new Map<string, ScriptSession>();
  /** Names of all processes of the case, those that have ended too. */
  private readonly names = new Map<string, string>();

  private constructor(
    private readonly config: pg.ClientConfig,
    private readonly observer: pg.Client,
    private readonly protocol: Protocol,
  ) {}

  static async connect(config: pg.ClientConfig, protocol: Protocol = 'simple'): Promise<SessionRunner> {
    const observer = new pg.Client({ ...config, application_name: 'observer' });
    await observer.connect();
    return new SessionRunner(config, observer, protocol);
  }

  close(): Promise<void> {
    return this.observer.end();
  }

  /** An empty schema with what the script's setup puts into it. */
  async prepare(setup: string): Promise<void> {
    await this.observer.query("SET client_min_messages = 'warning'");
    await this.observer.query('DROP SCHEMA public CASCADE');
    await this.observer.query('CREATE SCHEMA public');
    if (setup !== '') await this.observer.query(setup);
  }

  /** Runs all steps of the case and gives the outcome of each. */
  async run({ title, steps }: SessionCase): Promise<string[][]> {
    const outcomes: string[][] = [];
    try {
      for (const [i, step] of steps.entries()) outcomes.push(await this.step(step, steps[i + 1]));
      const busy = [...this.sessions.values()].filter((session) => session.busy).map((session) => session.name);
      if (busy.length > 0) throw new Error(`${title}: ${busy.join(' and ')} still wait at the end`);
    } finally {
      for (const session of this.sessions.values()) await session.end();
      this.sessions.clear();
      this.names.clear();
    }
    return outcomes;
  }

  private async step(step: Step, next: Step | undefined): Promise<string[]> {
    const session = await this.session(step.session, step.sql !== '');
    session.inBackground = step.inBackground;
    if (step.sql !== '') session.send(this.withProcessNumbers(step.sql), this.protocol);
    const lines: string[] = [];
    if (step.inBackground) {
      await this.begun(session);
      return lines;
    }
    if (step.untilAnswered) await this.untilAnswered(session);
    if (step.untilAnswered || (await this.settled(session))) lines.push(...session.takeAnswer());
    else lines.push('| waits');
    // Who is waited for by the next step answers there, whenever the answer comes.
    const later = next?.sql === '' ? next.session : undefined;
    for (const other of [...this.sessions.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (other === session || other.inBackground || other.name === later || (!other.busy && other.answer === null))
        continue;
      if (await this.settled(other)) lines.push(`${other.name} answers:`, ...other.takeAnswer());
    }
    return await this.normalised(lines);
  }

  /** Until the server works on the session's statement. */
  private async begun(session: ScriptSession): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (session.busy) {
      if (performance.now() > deadline) throw new Error(`${session.name} does not begin`);
      const { rows } = await this.observer.query(ACTIVE, [session.pid]);
      if (rows.length > 0) return;
      await sleep(POLL_MS);
    }
  }

  /** The session of that name; connected when it is not there yet, and anew when it is closed but `needed`. */
  private async session(name: string, needed: boolean): Promise<ScriptSession> {
    const known = this.sessions.get(name);
    if (known !== undefined && !(known.closed && needed)) return known;
    const session = await ScriptSession.connect(name, this.config);
    this.sessions.set(name, session);
    this.names.set(String(session.pid), name);
    return session;
  }

  /** `{t1}` stands for the process number of t1. */
  private withProcessNumbers(sql: string): string {
    return sql.replace(/\{([\w@]+)\}/g, (_, name: string) => String(this.sessions.get(name)?.pid ?? 0));
  }

  /** Until the session has answered, or an idle one has been disconnected. */
  private async untilAnswered(session: ScriptSession): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    const idle = !session.busy && session.answer === null;
    while (session.busy || (idle && !session.closed)) {
      if (performance.now() > deadline) throw new Error(`${session.name} does not answer`);
      await sleep(POLL_MS);
    }
    if (idle) session.answer = session.farewell;
  }

  /** True when the session has answered, false when it waits. Two looks: a lock just released may not have been taken yet. */
  private async settled(session: ScriptSession): Promise<boolean> {
    const deadline = performance.now() + PATIENCE_MS;
    let waiting = 0;
    for (;;) {
      await Promise.race([session.answered, sleep(POLL_MS)]);
      if (!session.busy) return true;
      if (performance.now() > deadline) throw new Error(`${session.name} neither answers nor waits`);
      const { rows } = await this.observer.query<{ waits: boolean }>(WAITS, [session.pid]);
      waiting = rows[0].waits ? waiting + 1 : 0;
      if (waiting === 2) return false;
    }
  }

  /** The lines with names in place of numbers that differ from run to run. */
  private async normalised(lines: readonly string[]): Promise<string[]> {
    const relations = new Map<string, string>();
    if (lines.some((line) => /relation \d+ of database/.test(line))) {
      const { rows } = await this.observer.query<{ oid: string; relname: string }>('SELECT oid, relname FROM pg_class');
      for (const { oid, relname } of rows) relations.set(String(oid), relname);
    }
    return lines.map((line) =>
      /^\| (?:DETAIL|CONTEXT|ERROR|FATAL|WARNING|LOG) /.test(line) ? this.named(line, relations) : line,
    );
  }

  private named(line: string, relations: ReadonlyMap<string, string>): string {
    return line
      .replace(/([Pp]rocess|PID) (\d+)/g, (_, word: string, pid: string) => `${word} ${this.names.get(pid) ?? pid}`)
      .replace(
        /\brelation (\d+) of database \d+/g,
        (_, oid: string) => `relation ${relations.get(oid) ?? oid} of database D`,
      )
      .replace(/\b(transaction|pivot) \d+/g, '$1 N')
      .replace(/\btuple \(\d+,\d+\)/g, 'tuple (P,N)')
      .replace(/(namespace\)=\(\w+, )\d+/, '$1N')
      .replace(/\badvisory lock \[\d+,/g, 'advisory lock [D,');
  }
}

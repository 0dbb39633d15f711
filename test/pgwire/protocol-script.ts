/**
 * Runs scripted conversations in the wire protocol, against any server. A script holds, line by line:
 *
 *     # comment
 *     > Query "select 1"           a message to send: its name and what pg-protocol's serializer takes, as JSON
 *     > Raw "51000000"             bytes to send, in hexadecimal
 *     until readyForQuery          sends what has gathered and reads up to and with that message, or `close`
 *     < readyForQuery I            what is expected to come: everything since the last `until`
 *
 * `runScript` gives the script back with what really came in the `<` lines; equal texts mean a passed test.
 */
import { connect, type Socket } from 'node:net';
import { serialize } from 'pg-protocol';
import type { BackendMessage } from 'pg-protocol/dist/messages.js';
import { Parser } from 'pg-protocol/dist/parser.js';

export interface ScriptTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** Gives up on a message that does not come: milliseconds. */
const PATIENCE_MS = 10_000;

/** A client that sends single messages and reads single messages. */
export class ScriptClient {
  private readonly messages: BackendMessage[] = [];
  private closed = false;
  private wake: (() => void) | null = null;

  private constructor(private readonly socket: Socket) {
    const parser = new Parser();
    socket.on('data', (chunk) => {
      parser.parse(chunk, (message) => this.messages.push(message));
      this.wake?.();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.wake?.();
    });
  }

  /** Connects and gets through startup; the server has to trust the user. */
  static async open(target: ScriptTarget): Promise<ScriptClient> {
    const client = ScriptClient.raw(target);
    client.send(serialize.startup({ user: target.user, database: target.database, client_encoding: 'UTF8' }));
    const messages = await client.until('readyForQuery');
    const last = messages[messages.length - 1];
    if (last?.name !== 'readyForQuery') throw new Error(`no connection: ${describe(last)}`);
    return client;
  }

  /** Connects and sends nothing. */
  static raw(target: Pick<ScriptTarget, 'host' | 'port'>): ScriptClient {
    return new ScriptClient(connect({ port: target.port, host: target.host, noDelay: true }));
  }

  send(...messages: readonly Uint8Array[]): void {
    for (const message of messages) this.socket.write(message);
  }

  /** All messages up to and with the first of that name (or up to the end of the connection, for `close`). */
  async until(name: string): Promise<BackendMessage[]> {
    const found: BackendMessage[] = [];
    for (;;) {
      const message = await this.next();
      if (message === null) return found;
      found.push(message);
      if (message.name === name) return found;
    }
  }

  /** The next message, null when the server has closed. */
  async next(): Promise<BackendMessage | null> {
    while (this.messages.length === 0) {
      if (this.closed) return null;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('the server says nothing')), PATIENCE_MS);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.messages.shift() ?? null;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Runs the script over one connection and returns it with the answers that came. */
export async function runScript(script: string, target: ScriptTarget): Promise<string> {
  const client = await ScriptClient.open(target);
  const lines: string[] = [];
  const outgoing: Uint8Array[] = [];
  try {
    for (const line of script.split('\n')) {
      if (line.startsWith('< ')) continue;
      lines.push(line);
      if (line.startsWith('> ')) outgoing.push(encode(line.slice(2)));
      else if (line.startsWith('until ')) {
        client.send(Buffer.concat(outgoing.splice(0)));
        for (const message of await client.until(line.slice(6).trim())) lines.push(`< ${describe(message)}`);
      }
    }
  } finally {
    client.destroy();
  }
  return lines.join('\n');
}

function encode(line: string): Uint8Array {
  const space = line.indexOf(' ');
  const name = space < 0 ? line : line.slice(0, space);
  const argument = space < 0 ? undefined : JSON.parse(line.slice(space + 1));
  switch (name) {
    case 'Query':
      return serialize.query(argument);
    case 'Parse':
      return serialize.parse(argument);
    case 'Bind':
      return serialize.bind(argument);
    case 'Describe':
      return serialize.describe(argument);
    case 'Execute':
      return serialize.execute(argument);
    case 'Close':
      return serialize.close(argument);
    case 'Flush':
      return serialize.flush();
    case 'Sync':
      return serialize.sync();
    case 'CopyData':
      return serialize.copyData(Buffer.from(argument));
    case 'CopyDone':
      return serialize.copyDone();
    case 'CopyFail':
      return serialize.copyFail(argument);
    case 'Terminate':
      return serialize.end();
    case 'Raw':
      return Buffer.from(argument, 'hex');
    default:
      throw new Error(`unknown message ${name}`);
  }
}

/** One line for a message: its name and the fields that tell. */
export function describe(message: BackendMessage | undefined): string {
  if (message === undefined) return 'nothing';
  const parts = Object.entries(message)
    .filter(([key, value]) => !IGNORED.has(key) && value !== undefined)
    .map(([, value]) => show(value));
  const text =
    'message' in message && (message.name === 'error' || message.name === 'notice') ? [show(message.message)] : [];
  return [message.name, ...text, ...parts].join(' ');
}

/** Parts that differ from server to server, or repeat others. */
const IGNORED = new Set(['name', 'length', 'file', 'line', 'routine', 'fieldCount', 'parameterCount', 'message']);

function show(value: unknown): string {
  if (Buffer.isBuffer(value)) return JSON.stringify(value.toString());
  return JSON.stringify(value);
}

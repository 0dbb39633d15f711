/**
 * LISTEN and NOTIFY: what a session listens to, what its transaction has announced, and what has arrived for it. All take
 * effect with the commit, in their order; a client gets what arrived when it is between transactions (PostgreSQL
 * documentation, NOTIFY).
 */
import { sqlError } from '../errors/sql-error.js';
import type { ResultSink } from './result-sink.js';

/** PostgreSQL's limits: bytes. */
const MAX_CHANNEL = 63;
const MAX_PAYLOAD = 7999;
/** What may wait for clients that do not take it: bytes of all sessions of a database. */
const MAX_WAITING = 64 << 20;
/** How often a client that was behind with reading is looked at: milliseconds. */
const RETRY_MS = 100;
/** Memory of a message besides its payload. */
const MESSAGE_BYTES = 64;

interface Message {
  readonly pid: number;
  readonly channel: string;
  readonly payload: string;
}

type Action =
  | {
      readonly kind: 'listen' | 'unlisten' | 'notify';
      readonly channel: string;
      readonly payload: string;
      depth: number;
    }
  | { readonly kind: 'unlisten all'; readonly channel: ''; readonly payload: ''; depth: number };

/** The sessions of one database that listen, by channel. */
export class Channels {
  private readonly listeners = new Map<string, Set<Notifications>>();
  /** Bytes that wait in all sessions. */
  waiting = 0;

  add(channel: string, listener: Notifications): void {
    const found = this.listeners.get(channel);
    if (found === undefined) this.listeners.set(channel, new Set([listener]));
    else found.add(listener);
  }

  remove(channel: string, listener: Notifications): void {
    const found = this.listeners.get(channel);
    found?.delete(listener);
    if (found?.size === 0) this.listeners.delete(channel);
  }

  send(message: Message): void {
    for (const listener of this.listeners.get(message.channel) ?? []) listener.arrived(message);
  }
}

export class Notifications {
  private readonly channels = new Set<string>();
  private actions: Action[] = [];
  /** `notify` actions by channel and payload, while there are many to compare with. */
  private known: Set<string> | null = null;
  private inbox: Message[] = [];
  private sink: ResultSink | null = null;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly hub: Channels,
    private readonly pid: number,
    private readonly block: { readonly depth: number; readonly inBlock: boolean },
  ) {}

  /** The transaction has used LISTEN, UNLISTEN or NOTIFY. */
  get pending(): boolean {
    return this.actions.length > 0;
  }

  /** What the session listens to, in order. */
  get listening(): readonly string[] {
    return [...this.channels];
  }

  /** Part of all that may wait: 0 to 1. */
  get usage(): number {
    return this.hub.waiting / MAX_WAITING;
  }

  listen(channel: string, sink: ResultSink): void {
    this.sink = sink;
    this.actions.push({ kind: 'listen', channel, payload: '', depth: this.block.depth });
  }

  unlisten(channel: string): void {
    this.actions.push({ kind: 'unlisten', channel, payload: '', depth: this.block.depth });
  }

  unlistenAll(): void {
    if (this.channels.size > 0 || this.pending)
      this.actions.push({ kind: 'unlisten all', channel: '', payload: '', depth: this.block.depth });
  }

  /** The same message twice in a transaction is one. @throws SqlError 22023, 54000 */
  notify(channel: string, payload: string): void {
    if (channel === '') throw sqlError('invalid_parameter_value', 'channel name cannot be empty');
    if (Buffer.byteLength(channel) > MAX_CHANNEL) throw sqlError('invalid_parameter_value', 'channel name too long');
    if (Buffer.byteLength(payload) > MAX_PAYLOAD) throw sqlError('invalid_parameter_value', 'payload string too long');
    if (this.hub.waiting > MAX_WAITING)
      throw sqlError('program_limit_exceeded', 'too many notifications in the NOTIFY queue');
    this.known ??= new Set(
      this.actions.filter(({ kind }) => kind === 'notify').map((action) => nameOf(action.channel, action.payload)),
    );
    const name = nameOf(channel, payload);
    if (this.known.has(name)) return;
    this.known.add(name);
    this.actions.push({ kind: 'notify', channel, payload, depth: this.block.depth });
  }

  /** RELEASE has left `level` savepoints. */
  released(level: number): void {
    for (const action of this.actions) if (action.depth > level) action.depth = level;
  }

  /** Everything since there were `level` savepoints is undone; 0: the whole transaction. */
  undo(level: number): void {
    if (this.actions.length === 0) return;
    this.actions = level === 0 ? [] : this.actions.filter(({ depth }) => depth < level);
    this.known = null;
  }

  /** The transaction is committed, and on disk where it changed something. */
  committed(): void {
    if (this.actions.length === 0) return;
    const { actions, hub, pid } = this;
    this.actions = [];
    this.known = null;
    for (const { kind, channel } of actions) {
      if (kind === 'listen') {
        this.channels.add(channel);
        hub.add(channel, this);
      } else if (kind === 'unlisten') this.leave(channel);
      else if (kind === 'unlisten all') this.leaveAll();
    }
    for (const { kind, channel, payload } of actions) if (kind === 'notify') hub.send({ pid, channel, payload });
  }

  private leave(channel: string): void {
    this.channels.delete(channel);
    this.hub.remove(channel, this);
  }

  private leaveAll(): void {
    for (const channel of this.channels) this.hub.remove(channel, this);
    this.channels.clear();
  }

  /** From another session, or this one. */
  arrived(message: Message): void {
    this.inbox.push(message);
    this.hub.waiting += sizeOf(message);
    // The session may be in the middle of its own commit; what it does next is to look here.
    if (this.isIdle) this.deliver();
  }

  /** Whether the client waits for nothing: set by the session. */
  isIdle = true;

  /** Gives the client what has arrived, unless a transaction is open. */
  deliver(): void {
    const { inbox, sink } = this;
    if (inbox.length === 0 || sink === null || this.block.inBlock) return;
    let given = 0;
    while (given < inbox.length && sink.backpressure() === null) {
      const { pid, channel, payload } = inbox[given];
      this.hub.waiting -= sizeOf(inbox[given]);
      sink.notification(pid, channel, payload);
      given++;
    }
    this.inbox = inbox.slice(given);
    if (this.inbox.length > 0) this.retryLater();
  }

  private retryLater(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      if (this.isIdle) this.deliver();
    }, RETRY_MS).unref();
  }

  /** The session ends. */
  close(): void {
    this.leaveAll();
    for (const message of this.inbox) this.hub.waiting -= sizeOf(message);
    this.inbox = [];
    this.sink = null;
    if (this.timer !== null) clearTimeout(this.timer);
  }
}

function nameOf(channel: string, payload: string): string {
  return `${channel}\u0000${payload}`;
}

function sizeOf({ payload }: Message): number {
  return payload.length * 2 + MESSAGE_BYTES;
}

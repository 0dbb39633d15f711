/**
 * One client connection: its socket and the phase it is in, startup or message loop. Owns the socket's events and
 * the order of closing; understands no message.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { WireSession } from '../session/wire-session.js';
import type { WaitEvent } from '../util/task.js';
import type { Backend, BackendKey, BackendRegistry } from './backend-registry.js';
import { busyPoll } from './busy-poll.js';
import { readTlsPeer, type TlsPeer } from './client-tls.js';
import { FrameReader } from './codec/frame-reader.js';
import { takeOver } from './direct-socket.js';
import { type LoopHost, MessageLoop } from './message-loop.js';
import { Output } from './output.js';
import type { Runnable, RunQueue } from './run-queue.js';
import { APPLICATION_PROTOCOL, Startup, type StartupHost } from './startup.js';
import type { WireLogger } from './wire-logger.js';
import { DEFAULTS, type PgWireOptions, type ServerTls } from './wire-options.js';

/** Longest message before authentication: bytes. */
const UNAUTHENTICATED_LIMIT = 65_535;
/** How long a client may take to read the last words before the socket is torn down: milliseconds. */
const LINGER_MS = 5_000;
const UNIX_ADDRESS = '[local]';
const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.)/;

/** What all connections of a server share. */
export interface ConnectionShared {
  readonly options: PgWireOptions;
  readonly log: WireLogger;
  readonly queue: RunQueue;
  readonly registry: BackendRegistry;
  readonly mockSecret: Buffer;
  /** Throws 53300 or 57P03. */
  admit(): void;
}

export class Connection implements Runnable, Backend, LoopHost, StartupHost {
  readonly frames = new FrameReader(UNAUTHENTICATED_LIMIT);
  readonly output: Output;
  readonly options: PgWireOptions;
  readonly queue: RunQueue;
  readonly mockSecret: Buffer;
  readonly log: WireLogger;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** As it is when the connection begins: certificates may be exchanged for others. */
  readonly serverTls: ServerTls | null;

  private phase: Startup | MessageLoop;
  private key: BackendKey | null = null;
  private reading = true;
  private closed = false;
  private finishing = false;
  private timer: NodeJS.Timeout | null;

  private socket: Socket;
  private secure: TLSSocket | null = null;

  /** `accepted` is paused, and has read nothing. */
  constructor(
    accepted: Socket,
    private readonly shared: ConnectionShared,
    private readonly onClosed: (connection: Connection) => void,
  ) {
    this.options = shared.options;
    this.queue = shared.queue;
    this.mockSecret = shared.mockSecret;
    this.log = shared.log;
    this.serverTls = shared.options.tls?.() ?? null;
    const direct = takeOver(accepted, (bytes, start, end) => this.received(bytes, start, end));
    const socket = direct ?? accepted;
    this.socket = socket;
    this.remoteAddress = (socket.remoteAddress ?? UNIX_ADDRESS).replace(IPV4_IN_IPV6, '');
    this.remotePort = socket.remotePort ?? -1;
    this.output = new Output(socket, shared.options.unsentLimit ?? DEFAULTS.unsentLimit);
    this.phase = new Startup(this);
    this.timer = setTimeout(
      this.startupTimedOut,
      shared.options.authenticationTimeout ?? DEFAULTS.authenticationTimeout,
    );
    this.listenTo(socket);
    if (direct === null) socket.resume();
  }

  get isSecure(): boolean {
    return this.secure !== null;
  }

  tlsPeer(): TlsPeer | null {
    return this.secure === null ? null : readTlsPeer(this.secure);
  }

  run(): void {
    if (!this.closed) this.phase.run();
  }

  cancel(): void {
    if (this.phase instanceof MessageLoop) this.phase.cancel();
  }

  get waitEvent(): WaitEvent | null {
    return this.phase instanceof MessageLoop ? this.phase.waitEvent : null;
  }

  stop(reason: SqlError): void {
    this.phase.stop(reason);
  }

  /** Drops the connection without a word. */
  destroy(): void {
    this.socket.destroy();
    this.disconnected();
  }

  register(): BackendKey {
    this.shared.admit();
    this.key = this.shared.registry.add(this);
    return this.key;
  }

  cancelBackend(pid: number, secret: number): void {
    const known = this.shared.registry.cancelWithKey(pid, secret);
    if (!known) this.log.info({ pid }, 'cancel request with a wrong key');
  }

  established(session: WireSession): void {
    this.clearTimer();
    this.frames.isAuthenticated = true;
    this.frames.largeLimit = this.options.maxMessageLength ?? DEFAULTS.maxMessageLength;
    this.phase = new MessageLoop(this, session);
    if (this.closed) this.phase.disconnected();
    else this.phase.run();
  }

  upgrade(begun: Buffer | null): void {
    const { serverTls } = this;
    if (serverTls === null) throw new Error('TLS is not configured');
    const raw = this.socket;
    this.stopListeningTo(raw);
    if (begun !== null) {
      // A flowing stream would drop what is put back.
      raw.pause();
      raw.unshift(begun);
    }
    const secure = new TLSSocket(raw, {
      isServer: true,
      secureContext: serverTls.context,
      requestCert: serverTls.asksCertificates,
      // Whoever shows none may still prove themselves otherwise; what is shown is judged with the rules.
      rejectUnauthorized: false,
      ALPNProtocols: [APPLICATION_PROTOCOL],
    });
    this.secure = secure;
    this.socket = secure;
    this.output.attach(secure);
    this.listenTo(secure);
  }

  setReading(reading: boolean): void {
    if (reading === this.reading || this.finishing) return;
    this.reading = reading;
    if (reading) this.socket.resume();
    else this.socket.pause();
  }

  finish(): void {
    if (this.finishing) return;
    this.finishing = true;
    this.clearTimer();
    const { socket } = this;
    // Whatever else the client sends is read and dropped, or closing would turn into a reset that eats our last words.
    socket.removeListener('data', this.onData);
    socket.resume();
    this.output.sendLast(() => socket.end());
    this.timer = setTimeout(() => socket.destroy(), LINGER_MS);
    this.release();
  }

  private listenTo(socket: Socket): void {
    socket.on('data', this.onData);
    socket.on('end', this.onEnd);
    socket.on('error', this.onError);
    socket.on('close', this.onClose);
  }

  private stopListeningTo(socket: Socket): void {
    socket.removeListener('data', this.onData);
    socket.removeListener('end', this.onEnd);
    // 'error' and 'close' of the raw socket still end the connection.
  }

  private readonly onData = (chunk: Buffer): void => this.received(chunk, 0, chunk.length);

  private received(chunk: Buffer, start: number, end: number): void {
    if (this.finishing) return;
    busyPoll.arrived();
    this.frames.push(chunk, start, end);
    this.queue.enter(this);
  }

  private readonly onEnd = (): void => {
    if (this.finishing) this.socket.destroy();
    else this.phase.inputEnded();
  };

  private readonly onError = (error: Error): void => {
    this.log.debug({ err: error }, 'connection broken');
    this.destroy();
  };

  private readonly onClose = (): void => {
    this.disconnected();
  };

  private readonly startupTimedOut = (): void => {
    if (!(this.phase instanceof Startup) || !this.phase.authenticating) this.destroy();
    else this.phase.fail(sqlError('query_canceled', 'canceling authentication due to timeout', { severity: 'FATAL' }));
  };

  private disconnected(): void {
    if (this.closed) return;
    this.closed = true;
    this.clearTimer();
    // First the statement's end, then the end of its waiting: the other way round it would go on producing.
    if (this.phase instanceof MessageLoop) this.phase.disconnected();
    this.output.abandon();
    this.release();
    this.onClosed(this);
  }

  private release(): void {
    if (this.key !== null) this.shared.registry.remove(this.key.pid);
    this.key = null;
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

/**
 * A connection from its first byte to its session: SSLRequest and GSSENCRequest, CancelRequest, the startup packet,
 * authentication, opening the session. Everything that goes wrong here is FATAL.
 */
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { StartupRequest, WireSession } from '../session/wire-session.js';
import { truncateName } from '../types/text/character-codecs.js';
import { Authentication } from './authentication.js';
import type { TlsPeer } from './client-tls.js';
import * as messages from './codec/backend-messages.js';
import { type Report, writeErrorResponse } from './codec/error-message.js';
import { type FrameReader, FramingError } from './codec/frame-reader.js';
import { MessageCursor } from './codec/message-cursor.js';
import { FRONTEND } from './codec/message-types.js';
import { decodeStartupPacket, parseStartupOptions, type StartupPacket } from './codec/startup-packet.js';
import { reportFatal } from './error-report.js';
import type { Output } from './output.js';
import type { Runnable } from './run-queue.js';
import type { WireLogger } from './wire-logger.js';
import type { PgWireOptions, ServerTls } from './wire-options.js';

/** First byte of a TLS record that begins a handshake; a startup packet that long is refused. */
const TLS_HANDSHAKE = 0x16;
/** How TLS calls PostgreSQL's protocol (ALPN). */
export const APPLICATION_PROTOCOL = 'postgresql';

/** What startup needs of its connection. */
export interface StartupHost {
  readonly frames: FrameReader;
  readonly output: Output;
  readonly options: PgWireOptions;
  readonly mockSecret: Buffer;
  readonly log: WireLogger;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** What the client goes on in after its SSLRequest; null: TLS cannot be granted. */
  readonly serverTls: ServerTls | null;
  /** Whether the connection is in TLS, or in the handshake. */
  readonly isSecure: boolean;
  /** REQUIRES: the handshake is over. Null: no TLS. */
  tlsPeer(): TlsPeer | null;
  cancelBackend(pid: number, secret: number): void;
  /** Takes a connection slot. Throws 53300 or 57P03. Returns the number of the backend. */
  register(): { readonly pid: number; readonly secret: number };
  /** Goes on in TLS; what arrives from now on is the handshake, `begun` is its beginning. */
  upgrade(begun: Buffer | null): void;
  established(session: WireSession): void;
  finish(): void;
}

export class Startup implements Runnable {
  private readonly cursor = new MessageCursor();
  private authentication: Authentication | null = null;
  private request: StartupRequest | null = null;
  private key = { pid: 0, secret: 0 };
  private over = false;
  private gssAsked = false;
  /** Whether any packet has come before. */
  private asked = false;
  /** A password is being checked in another thread, or the database brought into memory. */
  private waiting = false;
  /** TLS began without an SSLRequest: the client has to name the protocol then. */
  private isDirect = false;

  constructor(private readonly host: StartupHost) {}

  /** Whether the startup packet has been read, so that a timeout is worth telling. */
  get authenticating(): boolean {
    return this.authentication !== null;
  }

  run(): void {
    try {
      while (!this.over && this.next()) {
        /* each packet in turn */
      }
    } catch (error) {
      this.fail(error);
    }
    if (!this.over) this.host.output.send();
  }

  inputEnded(): void {
    this.over = true;
    this.host.finish();
  }

  /** Tells the client why and closes. */
  fail(error: unknown): void {
    if (this.over) return;
    this.over = true;
    const { host } = this;
    if (error instanceof FramingError) host.log.info({ reason: error.message }, 'connection closed');
    else {
      const report = reportFatal(error, host.log);
      this.logRefusal(report);
      writeErrorResponse(host.output.writer, report);
    }
    host.finish();
  }

  private logRefusal({ code, message }: Report): void {
    const { request, authentication, host } = this;
    if (request === null) return;
    const { user, database, remoteAddress } = request;
    const secrets = authentication?.secrets ?? {};
    host.log.info({ code, user, database, remoteAddress, ...secrets }, `connection refused: ${message}`);
  }

  stop(reason: SqlError): void {
    if (this.authentication === null) this.inputEnded();
    else this.fail(reason);
  }

  /** Handles one packet; false when the next has not arrived yet. */
  private next(): boolean {
    const { frames } = this.host;
    if (this.waiting) return false;
    if (this.authentication === null) {
      if (!this.host.isSecure && frames.startsWith(TLS_HANDSHAKE)) return this.beginDirectTls();
      if (!frames.nextStartup()) return false;
      this.packet(decodeStartupPacket(frames.body()));
      return true;
    }
    const type = frames.next();
    if (type === 0) return false;
    if (type !== FRONTEND.password) {
      throw sqlError(
        'protocol_violation',
        `expected ${this.authentication.awaited} response, got message type ${type}`,
        { severity: 'FATAL' },
      );
    }
    this.cursor.reset(frames.buffer, frames.bodyStart, frames.bodyEnd);
    const isIn = this.authentication.answer(this.cursor, this.host.output.writer);
    if (typeof isIn !== 'boolean') this.await(isIn, (isIn) => isIn && this.open());
    else if (isIn) this.open();
    return !this.waiting;
  }

  /** A client that begins with the handshake; what it has sent is given to TLS. False: nothing more is to be read here. */
  private beginDirectTls(): boolean {
    const { host } = this;
    if (host.serverTls === null || this.asked) throw new FramingError('TLS without SSLRequest cannot be granted');
    this.isDirect = true;
    host.upgrade(host.frames.takeAll());
    return false;
  }

  private packet(packet: StartupPacket): void {
    const { host } = this;
    this.asked = true;
    if (this.isDirect && host.tlsPeer()?.protocol !== APPLICATION_PROTOCOL)
      throw new FramingError('TLS without SSLRequest, and without the protocol in its handshake');
    switch (packet.kind) {
      case 'ssl':
        this.answerSsl();
        return;
      case 'gssenc':
        if (this.gssAsked) throw new FramingError('GSSENCRequest sent twice');
        this.gssAsked = true;
        host.output.writer.latin1('N');
        return;
      case 'cancel':
        this.over = true;
        host.cancelBackend(packet.pid, packet.secret);
        host.finish();
        return;
      case 'startup':
        this.authenticate(packet);
    }
  }

  private answerSsl(): void {
    const { host } = this;
    if (host.isSecure) throw new FramingError('SSLRequest within TLS');
    if (host.serverTls === null) {
      host.output.writer.latin1('N');
      return;
    }
    if (host.frames.pending > 0) {
      // Bytes sent before the handshake could have been slipped in by somebody between us and the client.
      throw sqlError('protocol_violation', 'received unencrypted data after SSL request', {
        severity: 'FATAL',
        detail: 'This could be either a client-software bug or evidence of an attempted man-in-the-middle attack.',
      });
    }
    host.output.writer.latin1('S');
    host.output.send();
    host.upgrade(null);
  }

  private authenticate(packet: Extract<StartupPacket, { kind: 'startup' }>): void {
    const { host } = this;
    const { writer } = host.output;
    if (packet.minor > 0 || packet.extensions.length > 0) {
      messages.writeNegotiateProtocolVersion(writer, packet.extensions);
    }
    const request = readRequest(packet.parameters, host);
    this.request = request;
    this.key = host.register();
    const { sessions, authMethod, passwordEncryption } = host.options;
    const { user, database, remoteAddress } = request;
    const claim = { user, database, remoteAddress, tls: request.tls !== null };
    const role = sessions.credentials(user);
    const decision = authMethod(claim, (group) => role?.isMemberOf(group) ?? false);
    this.authentication = new Authentication(claim, decision, {
      role,
      tls: host.tlsPeer(),
      binding: request.tls === null ? null : (host.serverTls?.binding ?? null),
      mockSecret: host.mockSecret,
      passwordEncryption: passwordEncryption?.() ?? 'scram-sha-256',
    });
    if (this.authentication.begin(writer)) this.open();
  }

  /** What arrives in the meantime waits; what follows in this turn is sent. */
  private await<T>(promise: Promise<T>, goOn: (result: T) => void): void {
    this.waiting = true;
    const then = (result: T): void => {
      this.waiting = false;
      if (this.over) return;
      try {
        goOn(result);
      } catch (error) {
        this.fail(error);
      }
    };
    promise.then(then, (error: unknown) => this.fail(error));
  }

  private open(): void {
    const { host, request } = this;
    if (request === null) throw new Error('no startup packet');
    const { sessions } = host.options;
    const { writer } = host.output;
    const preparing = sessions.prepare(request);
    if (preparing !== null) {
      this.await(preparing, () => this.open());
      return;
    }
    const session = sessions.open(request, this.key.pid);
    try {
      for (const [name, value] of sessions.reportedSettings(session)) {
        messages.writeParameterStatus(writer, name, value);
      }
    } catch (error) {
      session.terminate();
      throw error;
    }
    this.over = true;
    messages.writeBackendKeyData(writer, this.key.pid, this.key.secret);
    messages.writeReadyForQuery(writer, session.transactionStatus);
    session.becameIdle();
    host.output.send();
    host.established(session);
  }
}

function readRequest(parameters: ReadonlyMap<string, string>, host: StartupHost): StartupRequest {
  const settings = new Map<string, string>();
  let options = '';
  for (const [name, value] of parameters) {
    if (name === 'options') options = value;
    else if (name === 'replication') refuseReplication(value);
    else if (name !== 'user' && name !== 'database') settings.set(name, value);
  }
  const user = truncateName(parameters.get('user') ?? '');
  if (user === '') {
    throw sqlError('invalid_authorization_specification', 'no PostgreSQL user name specified in startup packet', {
      severity: 'FATAL',
    });
  }
  // Settings of their own win over those in `options`, as they are applied later.
  const merged = new Map([...parseStartupOptions(options), ...settings]);
  const database = truncateName(parameters.get('database') ?? '') || user;
  const { remoteAddress, remotePort } = host;
  return { user, database, settings: merged, remoteAddress, remotePort, tls: host.tlsPeer() };
}

function refuseReplication(value: string): void {
  const word = value.toLowerCase();
  if (['0', 'f', 'false', 'n', 'no', 'off', 'of'].includes(word)) return;
  if (['1', 't', 'true', 'y', 'yes', 'on', 'database'].includes(word)) {
    throw sqlError('feature_not_supported', 'replication connections are not supported', { severity: 'FATAL' });
  }
  throw sqlError('invalid_parameter_value', `invalid value for parameter "replication": "${value}"`, {
    severity: 'FATAL',
    hint: 'Valid values are: "false", 0, "true", 1, "database".',
  });
}

/**
 * What the server that wires things together gives to the wire.
 */
import type { SecureContext } from 'node:tls';
import type { SessionFactory } from '../session/wire-session.js';
import { LARGE_MESSAGE_LIMIT } from './codec/message-types.js';
import { SILENT_LOGGER, type WireLogger } from './wire-logger.js';

export type AuthMethod = 'trust' | 'scram-sha-256' | 'reject' | 'no entry';

/** Chooses how a client proves itself. `remoteAddress` is `[local]` on a Unix socket. */
export type AuthRule = (remoteAddress: string, user: string, database: string, tls: boolean) => AuthMethod;

export interface PgWireOptions {
  readonly sessions: SessionFactory;
  readonly authMethod: AuthRule;
  readonly log?: WireLogger;
  /** Answers SSLRequest with an upgrade; without one TLS is refused. */
  readonly tls?: SecureContext | null;
  readonly maxConnections?: number;
  /** Sockets at a time, also of clients that are told that there are too many; more are closed at once. */
  readonly maxSockets?: number;
  /** From the connection to the end of authentication: milliseconds. */
  readonly authenticationTimeout?: number;
  /** Longest body of a message: bytes. */
  readonly maxMessageLength?: number;
  /** Output a client may leave unread before its statements wait: bytes. */
  readonly unsentLimit?: number;
  /** Keeps salts of roles that do not exist the same over restarts; random when not given. */
  readonly mockAuthenticationSecret?: Buffer;
}

export const DEFAULTS = {
  maxConnections: 100,
  authenticationTimeout: 60_000,
  maxMessageLength: LARGE_MESSAGE_LIMIT,
  unsentLimit: 1024 * 1024,
  log: SILENT_LOGGER,
} as const;

/**
 * What the server that wires things together gives to the wire.
 */
import type { SecureContext } from 'node:tls';
import type { SessionFactory } from '../session/wire-session.js';
import { LARGE_MESSAGE_LIMIT } from './codec/message-types.js';
import type { PasswordEncryption } from './stored-password.js';
import { SILENT_LOGGER, type WireLogger } from './wire-logger.js';

export type AuthMethod = 'trust' | 'reject' | 'no entry' | 'scram-sha-256' | 'md5' | 'password' | 'cert';

/** Who asks for what, from where. `remoteAddress` is `[local]` on a Unix socket. */
export interface Claim {
  readonly user: string;
  readonly database: string;
  readonly remoteAddress: string;
  readonly tls: boolean;
}

/** How a client has to prove itself. */
export interface AuthDecision {
  readonly method: AuthMethod;
  /** The rule's place among the others, for the log. */
  readonly rule?: number;
  /** What its certificate must be beside that: vouched for, or also in the name of the user. Null: nothing. */
  readonly certificate?: 'verify-ca' | 'verify-full' | null;
  /** The part of the certificate's name that is the user's. */
  readonly certificateName?: 'CN' | 'DN';
  /** Whether a certificate in this name may be used for the role; without one the names must be equal. */
  readonly maps?: ((certificateName: string, user: string) => boolean) | null;
}

/** Chooses how a client proves itself. `memberOf`: whether the user is in a role, directly or not. */
export type AuthRule = (claim: Claim, memberOf: (role: string) => boolean) => AuthDecision;

/** The server's side of TLS. Connections take what is current when they begin. */
export interface ServerTls {
  readonly context: SecureContext;
  /** Whether clients are asked for certificates. */
  readonly asksCertificates: boolean;
  /** What SCRAM exchanges are bound with (`certificateHash`); null: they cannot be. */
  readonly binding: Buffer | null;
}

export interface PgWireOptions {
  readonly sessions: SessionFactory;
  readonly authMethod: AuthRule;
  readonly log?: WireLogger;
  /** Answers SSLRequest with an upgrade, and takes direct TLS; null: TLS is refused. */
  readonly tls?: () => ServerTls | null;
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
  /** password_encryption: what roles that do not exist are asked for where the rule says md5. */
  readonly passwordEncryption?: () => PasswordEncryption;
}

export const DEFAULTS = {
  maxConnections: 100,
  authenticationTimeout: 60_000,
  maxMessageLength: LARGE_MESSAGE_LIMIT,
  unsentLimit: 1024 * 1024,
  log: SILENT_LOGGER,
} as const;

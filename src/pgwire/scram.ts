/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), the server's side; -PLUS binds it to the TLS connection by the certificate's hash
 * (RFC 5929, tls-server-end-point). A role's password is kept as PostgreSQL keeps it: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, all base64.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { saslPrep } from './sasl-prep.js';

export const SCRAM_MECHANISM = 'SCRAM-SHA-256';
export const SCRAM_PLUS_MECHANISM = 'SCRAM-SHA-256-PLUS';
export const SCRAM_KEY_LENGTH = 32;
const BINDING_TYPE = 'tls-server-end-point';
const ITERATIONS = 4096;
const SALT_LENGTH = 16;
const NONCE_LENGTH = 18;
const VERIFIER = /^SCRAM-SHA-256\$([1-9]\d{0,9}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** The rolpassword for a password in clear. Takes a few milliseconds on purpose. */
export function makeScramVerifier(password: string, salt: Buffer = randomBytes(SALT_LENGTH)): string {
  const salted = pbkdf2Sync(saslPrep(password), salt, ITERATIONS, SCRAM_KEY_LENGTH, 'sha256');
  const storedKey = sha256(hmac(salted, 'Client Key'));
  const serverKey = serverKeyOf(salted);
  const base64 = [salt, storedKey, serverKey].map((bytes) => bytes.toString('base64'));
  return `${SCRAM_MECHANISM}$${ITERATIONS}:${base64[0]}$${base64[1]}:${base64[2]}`;
}

/** null when `text` is no verifier. */
export function parseScramVerifier(text: string): ScramVerifier | null {
  const match = VERIFIER.exec(text);
  if (match === null) return null;
  const storedKey = Buffer.from(match[3], 'base64');
  const serverKey = Buffer.from(match[4], 'base64');
  if (storedKey.length !== SCRAM_KEY_LENGTH || serverKey.length !== SCRAM_KEY_LENGTH) return null;
  return { iterations: Number(match[1]), salt: Buffer.from(match[2], 'base64'), storedKey, serverKey };
}

/**
 * A verifier that no password fits, for a role that does not exist or has none. Its salt depends on the name and
 * the server's secret only, so that asking twice shows nothing.
 */
export function mockScramVerifier(user: string, secret: Buffer): ScramVerifier {
  const salt = hmac(secret, user).subarray(0, SALT_LENGTH);
  return {
    iterations: ITERATIONS,
    salt,
    storedKey: randomBytes(SCRAM_KEY_LENGTH),
    serverKey: randomBytes(SCRAM_KEY_LENGTH),
  };
}

/** What of channel binding is to be. */
export interface ChannelBinding {
  /** The hash of the server's certificate when the client has chosen -PLUS. */
  readonly used: Buffer | null;
  /** Whether the client could have chosen -PLUS: one that says it could not has been lied to. */
  readonly offered: boolean;
}

const NO_BINDING: ChannelBinding = { used: null, offered: false };

/** Checks the channel binding flag of a client-first-message (`n`, `y` or `p=type`). Throws FATAL. */
function checkBindingFlag(flag: string, { used, offered }: ChannelBinding): void {
  if (!flag.startsWith('p')) {
    if (used !== null)
      throw malformedBecause(
        'client selected SCRAM-SHA-256-PLUS, but the SCRAM message does not include channel binding data',
      );
    if (flag === 'y' && offered)
      throw sqlError('invalid_authorization_specification', 'SCRAM channel binding negotiation error', {
        severity: 'FATAL',
        detail:
          'The client supports SCRAM channel binding but thinks the server does not.  However, this server does support channel binding.',
      });
    return;
  }
  if (used === null)
    throw malformedBecause(
      'client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data',
    );
  if (flag !== `p=${BINDING_TYPE}`)
    throw malformedBecause(`unsupported SCRAM channel-binding type "${flag.slice('p='.length)}"`);
}

/** One authentication exchange: `first`, then `final`. */
export class ScramExchange {
  private nonce = '';
  private gs2Header = '';
  private clientFirstBare = '';
  private serverFirst = '';

  constructor(
    private readonly verifier: ScramVerifier,
    private readonly binding: ChannelBinding = NO_BINDING,
    private readonly randomNonce: () => string = () => randomBytes(NONCE_LENGTH).toString('base64'),
  ) {}

  /** Takes client-first-message, gives server-first-message. Throws FATAL 08P01 and the like. */
  first(clientFirst: string): string {
    const match = /^(n|y|p=[^,]*),(a=[^,]*)?,/.exec(clientFirst);
    if (match === null) throw malformed('The message does not begin with a channel binding flag.');
    checkBindingFlag(match[1], this.binding);
    if (match[2] !== undefined) {
      throw sqlError('feature_not_supported', 'client uses authorization identity, but it is not supported', {
        severity: 'FATAL',
      });
    }
    this.gs2Header = match[0];
    this.clientFirstBare = clientFirst.slice(match[0].length);
    // The user name in here is ignored, as in PostgreSQL: the startup packet's counts.
    const attributes = /^n=[^,]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,|$)/.exec(this.clientFirstBare);
    if (attributes === null) throw malformed('The client nonce is missing or not printable.');
    this.nonce = attributes[1] + this.randomNonce();
    const { salt, iterations } = this.verifier;
    this.serverFirst = `r=${this.nonce},s=${salt.toString('base64')},i=${iterations}`;
    return this.serverFirst;
  }

  /** Takes client-final-message; gives server-final-message, or null when the password is wrong. */
  final(clientFinal: string): string | null {
    const match = /^(c=([^,]*),r=([^,]*)(?:,.*)?),p=([A-Za-z0-9+/=]+)$/s.exec(clientFinal);
    if (match === null) throw malformed('The final message has no proof.');
    const [, withoutProof, channelBinding, nonce, proofText] = match;
    const { used } = this.binding;
    const bound = Buffer.concat([Buffer.from(this.gs2Header), used ?? Buffer.alloc(0)]);
    if (channelBinding !== bound.toString('base64')) {
      if (used !== null)
        throw sqlError('invalid_authorization_specification', 'SCRAM channel binding check failed', {
          severity: 'FATAL',
        });
      throw sqlError('protocol_violation', 'unexpected SCRAM channel-binding attribute in client-final-message', {
        severity: 'FATAL',
      });
    }
    if (nonce !== this.nonce) throw malformed('Nonce does not match.', 'invalid SCRAM response');
    const proof = Buffer.from(proofText, 'base64');
    if (proof.length !== SCRAM_KEY_LENGTH) throw malformed('Malformed proof in client-final-message.');
    const authMessage = `${this.clientFirstBare},${this.serverFirst},${withoutProof}`;
    const signature = hmac(this.verifier.storedKey, authMessage);
    const clientKey = Buffer.alloc(SCRAM_KEY_LENGTH);
    for (let i = 0; i < SCRAM_KEY_LENGTH; i++) clientKey[i] = proof[i] ^ signature[i];
    if (!timingSafeEqual(sha256(clientKey), this.verifier.storedKey)) return null;
    return `v=${hmac(this.verifier.serverKey, authMessage).toString('base64')}`;
  }
}

/** The server's proof that it knows the password, from the salted password. */
export function serverKeyOf(salted: Buffer): Buffer {
  return hmac(salted, 'Server Key');
}

function malformedBecause(message: string): SqlError {
  return sqlError('protocol_violation', message, { severity: 'FATAL' });
}

function malformed(detail: string, message = 'malformed SCRAM message'): SqlError {
  return sqlError('protocol_violation', message, { severity: 'FATAL', detail });
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

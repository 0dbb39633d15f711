/**
 * Decides whether a client is who it says. A SASL exchange with a role that does not exist runs to the same end as
 * one with a wrong password.
 */
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { RoleCredentials } from '../session/wire-session.js';
import type { ByteWriter } from '../util/byte-writer.js';
import * as messages from './codec/backend-messages.js';
import { decodeSaslInitialResponse, decodeSaslResponse } from './codec/frontend-messages.js';
import type { MessageCursor } from './codec/message-cursor.js';
import { mockScramVerifier, parseScramVerifier, SCRAM_MECHANISM, ScramExchange } from './scram.js';
import type { AuthMethod } from './wire-options.js';

/** Who asks for what, from where. */
export interface Claim {
  readonly user: string;
  readonly database: string;
  readonly remoteAddress: string;
  readonly tls: boolean;
}

export class Authentication {
  private exchange: ScramExchange | null = null;
  private greeted = false;
  private readonly verified: boolean;

  constructor(
    private readonly claim: Claim,
    private readonly method: AuthMethod,
    private readonly role: RoleCredentials | undefined,
    private readonly mockSecret: Buffer,
  ) {
    this.verified = role?.password != null && parseScramVerifier(role.password) !== null;
  }

  /** Writes the first message. True when the client is in, false when its answer is awaited. Throws FATAL. */
  begin(out: ByteWriter): boolean {
    const { claim, method } = this;
    if (method === 'reject' || method === 'no entry') throw refused(claim, method);
    if (method === 'trust') return this.accept(out);
    const stored = this.role?.password ?? '';
    const verifier = parseScramVerifier(stored) ?? mockScramVerifier(claim.user, this.mockSecret);
    this.exchange = new ScramExchange(verifier);
    messages.writeAuthenticationSasl(out, [SCRAM_MECHANISM]);
    return false;
  }

  /** Takes a password message (cursor at its body). Returns as `begin` does. Throws FATAL. */
  answer(cursor: MessageCursor, out: ByteWriter): boolean {
    const { exchange } = this;
    if (exchange === null) throw sqlError('protocol_violation', 'unexpected password message', { severity: 'FATAL' });
    if (!this.greeted) {
      const { mechanism, data } = decodeSaslInitialResponse(cursor);
      if (mechanism !== SCRAM_MECHANISM) {
        throw sqlError('protocol_violation', 'client selected an invalid SASL authentication mechanism', {
          severity: 'FATAL',
        });
      }
      messages.writeAuthenticationSaslContinue(out, exchange.first(data === null ? '' : data.toString('utf8')));
      this.greeted = true;
      return false;
    }
    const final = exchange.final(decodeSaslResponse(cursor).toString('utf8'));
    if (final === null || !this.verified) throw wrongPassword(this.claim.user);
    messages.writeAuthenticationSaslFinal(out, final);
    return this.accept(out);
  }

  private accept(out: ByteWriter): boolean {
    messages.writeAuthenticationOk(out);
    const { user } = this.claim;
    if (this.role === undefined) {
      throw sqlError('invalid_authorization_specification', `role "${user}" does not exist`, { severity: 'FATAL' });
    }
    if (!this.role.canLogin) {
      throw sqlError('invalid_authorization_specification', `role "${user}" is not permitted to log in`, {
        severity: 'FATAL',
      });
    }
    return true;
  }
}

function wrongPassword(user: string): SqlError {
  return sqlError('invalid_password', `password authentication failed for user "${user}"`, { severity: 'FATAL' });
}

function refused({ remoteAddress, user, database, tls }: Claim, method: 'reject' | 'no entry'): SqlError {
  const encryption = tls ? 'SSL encryption' : 'no encryption';
  return sqlError(
    'invalid_authorization_specification',
    `${method === 'reject' ? 'pg_hba.conf rejects connection' : 'no pg_hba.conf entry'} for host "${remoteAddress}", user "${user}", database "${database}", ${encryption}`,
    { severity: 'FATAL' },
  );
}

/**
 * The ways to ask for a password: in clear, as an MD5 hash, in a SCRAM exchange. Each runs to the same end for a role that
 * does not exist as for a wrong password.
 */
import { randomBytes } from 'node:crypto';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { ByteWriter } from '../util/byte-writer.js';
import * as messages from './codec/backend-messages.js';
import { decodePassword, decodeSaslInitialResponse, decodeSaslResponse } from './codec/frontend-messages.js';
import type { MessageCursor } from './codec/message-cursor.js';
import { SCRAM_MECHANISM, SCRAM_PLUS_MECHANISM, ScramExchange, type ScramVerifier } from './scram.js';
import { isPassword, isSameText, md5Hex, type StoredPassword } from './stored-password.js';

/** 'more': another message of the client's is awaited; else whether the password is right. */
export type Verdict = 'more' | boolean | Promise<boolean>;

export interface PasswordMethod {
  /** As errors about unexpected messages name what is awaited. */
  readonly awaited: 'SASL' | 'password';
  begin(out: ByteWriter): void;
  /** Takes a message (cursor at its body). Throws FATAL when it cannot be read. */
  answer(cursor: MessageCursor, out: ByteWriter): Verdict;
}

/** `isReal`: the verifier is a role's, not a mock. `binding`: the hash of the certificate when channels can be bound. */
export class ScramMethod implements PasswordMethod {
  readonly awaited = 'SASL';
  private exchange: ScramExchange | null = null;

  constructor(
    private readonly verifier: ScramVerifier,
    private readonly isReal: boolean,
    private readonly tls: boolean,
    private readonly binding: Buffer | null,
  ) {}

  begin(out: ByteWriter): void {
    messages.writeAuthenticationSasl(
      out,
      this.binding === null ? [SCRAM_MECHANISM] : [SCRAM_PLUS_MECHANISM, SCRAM_MECHANISM],
    );
  }

  answer(cursor: MessageCursor, out: ByteWriter): Verdict {
    if (this.exchange === null) {
      const { mechanism, data } = decodeSaslInitialResponse(cursor);
      this.exchange = this.choose(mechanism);
      messages.writeAuthenticationSaslContinue(out, this.exchange.first(data === null ? '' : data.toString('utf8')));
      return 'more';
    }
    const final = this.exchange.final(decodeSaslResponse(cursor).toString('utf8'));
    if (final === null || !this.isReal) return false;
    messages.writeAuthenticationSaslFinal(out, final);
    return true;
  }

  private choose(mechanism: string): ScramExchange {
    const { verifier, binding } = this;
    const offered = binding !== null && this.tls;
    if (mechanism === SCRAM_MECHANISM) return new ScramExchange(verifier, { used: null, offered });
    if (mechanism === SCRAM_PLUS_MECHANISM && binding !== null)
      return new ScramExchange(verifier, { used: binding, offered });
    throw sqlError('protocol_violation', 'client selected an invalid SASL authentication mechanism', {
      severity: 'FATAL',
    });
  }
}

/** `digest`: null for a role without one, whose answer is always wrong. */
export class Md5Method implements PasswordMethod {
  readonly awaited = 'password';
  private readonly salt = randomBytes(4);

  constructor(private readonly digest: string | null) {}

  begin(out: ByteWriter): void {
    messages.writeAuthenticationMd5Password(out, this.salt);
  }

  answer(cursor: MessageCursor): Verdict {
    const answer = readPassword(cursor);
    const expected = `md5${md5Hex(this.digest ?? randomBytes(16).toString('hex'), this.salt)}`;
    return isSameText(answer, expected) && this.digest !== null;
  }
}

/** `stored`: a mock for a role without a password, so that both take the same time. */
export class ClearTextMethod implements PasswordMethod {
  readonly awaited = 'password';

  constructor(
    private readonly user: string,
    private readonly stored: StoredPassword,
    private readonly isReal: boolean,
  ) {}

  begin(out: ByteWriter): void {
    messages.writeAuthenticationCleartextPassword(out);
  }

  answer(cursor: MessageCursor): Verdict {
    return isPassword(readPassword(cursor), this.user, this.stored).then((isRight) => isRight && this.isReal);
  }
}

function readPassword(cursor: MessageCursor): string {
  const password = decodePassword(cursor);
  if (password === null) throw fatal('protocol_violation', 'invalid password packet size');
  if (password === '') throw fatal('invalid_password', 'empty password returned by client');
  return password;
}

function fatal(code: 'protocol_violation' | 'invalid_password', message: string): SqlError {
  return sqlError(code, message, { severity: 'FATAL' });
}

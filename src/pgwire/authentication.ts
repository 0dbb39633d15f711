/**
 * Decides whether a client is who it says, by the method that the server's rules give. An exchange about the password of
 * a role that does not exist runs to the same end as one with a wrong password.
 */
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { RoleCredentials } from '../session/wire-session.js';
import type { ByteWriter } from '../util/byte-writer.js';
import type { TlsPeer } from './client-tls.js';
import * as messages from './codec/backend-messages.js';
import type { MessageCursor } from './codec/message-cursor.js';
import { ClearTextMethod, Md5Method, type PasswordMethod, ScramMethod, type Verdict } from './password-methods.js';
import { mockScramVerifier } from './scram.js';
import { type PasswordEncryption, parseStoredPassword, type StoredPassword } from './stored-password.js';
import type { AuthDecision, Claim } from './wire-options.js';

/** What a claim is held against. */
export interface Evidence {
  /** Undefined when there is no such role. */
  readonly role: RoleCredentials | undefined;
  readonly tls: TlsPeer | null;
  /** What SCRAM is bound with; null: it cannot be. */
  readonly binding: Buffer | null;
  readonly mockSecret: Buffer;
  readonly passwordEncryption: PasswordEncryption;
}

export class Authentication {
  private password: PasswordMethod | null = null;

  constructor(
    private readonly claim: Claim,
    private readonly decision: AuthDecision,
    private readonly evidence: Evidence,
  ) {}

  /** Writes the first message. True when the client is in, false when its answer is awaited. Throws FATAL. */
  begin(out: ByteWriter): boolean {
    const { claim, decision } = this;
    const { method } = decision;
    if (method === 'reject' || method === 'no entry') throw refused(claim, method);
    this.requireCertificate();
    if (method === 'trust' || method === 'cert') return this.accept(out);
    this.password = this.passwordMethod(method);
    this.password.begin(out);
    return false;
  }

  /** As the error about another message names what is awaited. */
  get awaited(): string {
    return this.password?.awaited ?? 'password';
  }

  /** What nobody but the log is told when it fails. */
  get secrets(): Readonly<Record<string, unknown>> {
    const { role, tls } = this.evidence;
    const certificate = tls?.certificate ?? null;
    return {
      rule: this.decision.rule,
      method: this.decision.method,
      role: roleFault(role, this.password !== null),
      certificate: certificate?.distinguishedName,
      certificateFault: certificate?.fault ?? undefined,
    };
  }

  /** Takes a password message (cursor at its body). Returns as `begin` does, or a promise of it. Throws FATAL. */
  answer(cursor: MessageCursor, out: ByteWriter): boolean | Promise<boolean> {
    if (this.password === null) throw fatal('protocol_violation', 'unexpected password message');
    const verdict: Verdict = this.password.answer(cursor, out);
    if (verdict === 'more') return false;
    if (typeof verdict !== 'boolean') return verdict.then((isRight) => this.judge(isRight, out));
    return this.judge(verdict, out);
  }

  private judge(isRight: boolean, out: ByteWriter): boolean {
    if (!isRight) throw this.failure();
    return this.accept(out);
  }

  private passwordMethod(method: 'scram-sha-256' | 'md5' | 'password'): PasswordMethod {
    const { claim, evidence } = this;
    const real = this.storedPassword();
    const mock: StoredPassword = {
      kind: 'scram-sha-256',
      verifier: mockScramVerifier(claim.user, evidence.mockSecret),
    };
    if (method === 'password') return new ClearTextMethod(claim.user, real ?? mock, real !== null);
    const kind = real?.kind ?? evidence.passwordEncryption;
    if (method === 'md5' && kind === 'md5') return new Md5Method(real?.kind === 'md5' ? real.digest : null);
    const usable = real?.kind === 'scram-sha-256' ? real : mock;
    return new ScramMethod(usable.verifier, usable === real, claim.tls, evidence.binding);
  }

  /** Null when the role has none that can be used, so that the exchange is to be played without one. */
  private storedPassword(): StoredPassword | null {
    const { role } = this.evidence;
    if (role?.password == null || role.passwordExpired) return null;
    return parseStoredPassword(role.password);
  }

  private requireCertificate(): void {
    const { certificate, method } = this.decision;
    const shown = this.evidence.tls?.certificate ?? null;
    // One that nobody vouches for is never accepted, as PostgreSQL ends the handshake at it.
    const isNeeded = method === 'cert' || certificate != null;
    if (shown === null ? isNeeded : !shown.isVerified)
      throw fatal('invalid_authorization_specification', 'connection requires a valid client certificate');
  }

  /** Whether the certificate is in the user's name, where it has to be. */
  private isNamed(): boolean {
    const { method, certificate, certificateName, maps } = this.decision;
    if (method !== 'cert' && certificate !== 'verify-full') return true;
    const shown = this.evidence.tls?.certificate ?? null;
    const name = certificateName === 'DN' ? shown?.distinguishedName : shown?.commonName;
    if (name == null || name === '') return false;
    const { user } = this.claim;
    return maps == null ? name === user : maps(name, user);
  }

  private accept(out: ByteWriter): boolean {
    if (!this.isNamed()) throw this.failure();
    messages.writeAuthenticationOk(out);
    const { user } = this.claim;
    const { role } = this.evidence;
    if (role === undefined) throw fatal('invalid_authorization_specification', `role "${user}" does not exist`);
    if (!role.canLogin) throw fatal('invalid_authorization_specification', `role "${user}" is not permitted to log in`);
    return true;
  }

  private failure(): SqlError {
    const { user } = this.claim;
    const { method } = this.decision;
    if (method === 'cert')
      return fatal('invalid_authorization_specification', `certificate authentication failed for user "${user}"`);
    if (method === 'trust')
      return fatal('invalid_authorization_specification', `"trust" authentication failed for user "${user}"`);
    return fatal('invalid_password', `password authentication failed for user "${user}"`);
  }
}

function roleFault(role: RoleCredentials | undefined, needsPassword: boolean): string | undefined {
  if (role === undefined) return 'the role does not exist';
  if (!needsPassword) return undefined;
  if (role.password === null) return 'the role has no password';
  return role.passwordExpired ? 'the password has expired' : undefined;
}

function refused({ remoteAddress, user, database, tls }: Claim, method: 'reject' | 'no entry'): SqlError {
  const encryption = tls ? 'SSL encryption' : 'no encryption';
  return fatal(
    'invalid_authorization_specification',
    `${method === 'reject' ? 'pg_hba.conf rejects connection' : 'no pg_hba.conf entry'} for host "${remoteAddress}", user "${user}", database "${database}", ${encryption}`,
  );
}

function fatal(
  code: 'protocol_violation' | 'invalid_password' | 'invalid_authorization_specification',
  message: string,
): SqlError {
  return sqlError(code, message, { severity: 'FATAL' });
}

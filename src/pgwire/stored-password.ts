/**
 * What pg_authid keeps of a password, in both of PostgreSQL's forms: a SCRAM-SHA-256 verifier, or `md5` and the hash of the
 * password followed by the role's name.
 */
import { createHash, pbkdf2, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { saslPrep } from './sasl-prep.js';
import { makeScramVerifier, parseScramVerifier, SCRAM_KEY_LENGTH, type ScramVerifier, serverKeyOf } from './scram.js';

export type StoredPassword =
  | { readonly kind: 'scram-sha-256'; readonly verifier: ScramVerifier }
  | { readonly kind: 'md5'; readonly digest: string };

export type PasswordEncryption = StoredPassword['kind'];

const MD5_FORM = /^md5([0-9a-f]{32})$/;
const MOST_CHECKED_ITERATIONS = 100_000;
const deriveKey = promisify(pbkdf2);

/** Null when it is neither form, so that no password fits it. */
export function parseStoredPassword(text: string): StoredPassword | null {
  const md5 = MD5_FORM.exec(text);
  if (md5 !== null) return { kind: 'md5', digest: md5[1] };
  const verifier = parseScramVerifier(text);
  return verifier === null ? null : { kind: 'scram-sha-256', verifier };
}

/** The rolpassword of a plain password. */
export function encryptPassword(password: string, user: string, encryption: PasswordEncryption): string {
  return encryption === 'md5' ? `md5${md5Hex(password + user)}` : makeScramVerifier(password);
}

/** The hash, in hexadecimal, that MD5 passwords are made of. */
export function md5Hex(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** As CREATE ROLE is given it: what is encrypted already is kept. Null for an empty password, in either form. */
export function storedPassword(given: string, user: string, encryption: string): string | null {
  if (given === '') return null;
  const encrypted = parseStoredPassword(given);
  if (encrypted === null) return encryptPassword(given, user, encryption === 'md5' ? 'md5' : 'scram-sha-256');
  if (encrypted.kind === 'md5') return encrypted.digest === md5Hex(user) ? null : given;
  const { salt, iterations, serverKey } = encrypted.verifier;
  // A verifier may ask for more work than one wants to do for this check; nobody makes such a one for nothing.
  if (iterations > MOST_CHECKED_ITERATIONS) return given;
  const empty = pbkdf2Sync('', salt, iterations, SCRAM_KEY_LENGTH, 'sha256');
  return timingSafeEqual(serverKeyOf(empty), serverKey) ? null : given;
}

/** Whether a plain password is the stored one. The work is done in another thread, as it takes milliseconds on purpose. */
export async function isPassword(password: string, user: string, stored: StoredPassword): Promise<boolean> {
  if (stored.kind === 'md5') return isSameText(md5Hex(password + user), stored.digest);
  const { salt, iterations, serverKey } = stored.verifier;
  const salted = await deriveKey(saslPrep(password), salt, iterations, SCRAM_KEY_LENGTH, 'sha256');
  return timingSafeEqual(serverKeyOf(salted), serverKey);
}

/** Compares in a time that does not tell where they differ. */
export function isSameText(a: string, b: string): boolean {
  const bytes = Buffer.from(a);
  const others = Buffer.from(b);
  return bytes.length === others.length && timingSafeEqual(bytes, others);
}

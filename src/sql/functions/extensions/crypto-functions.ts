/** Extension pgcrypto: hashes, passwords, ciphers without a key file, random bytes. Rules: PostgreSQL documentation, F.28. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  getHashes,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import bcrypt from 'bcryptjs';
import { notSupported, type SqlError, sqlError } from '../../../errors/sql-error.js';
import { type FunctionFamily, plainFunctions } from '../registry.js';

const MAX_RANDOM_BYTES = 1024;
const SALT_BYTES = 16;
const MIN_ROUNDS = 4;
const MAX_ROUNDS = 31;
const DEFAULT_ROUNDS = 6;
const BLOCK = 16;
const KEY_SIZES = [16, 24, 32];

const HASHES: ReadonlySet<string> = new Set(getHashes().map((name) => name.toLowerCase()));

function unusable(name: string, why: string): SqlError {
  return sqlError('invalid_parameter_value', `Cannot use "${name}": ${why}`);
}

function failed(message: string): SqlError {
  return sqlError('external_routine_invocation_exception', message);
}

function hashNamed(name: string): string {
  const known = name.toLowerCase();
  if (HASHES.has(known)) return known;
  throw unusable(name, 'No such hash algorithm');
}

function digest(data: string | Uint8Array, name: string): Uint8Array {
  return createHash(hashNamed(name)).update(data).digest();
}

function hmac(data: string | Uint8Array, key: string | Uint8Array, name: string): Uint8Array {
  return createHmac(hashNamed(name), key).update(data).digest();
}

/** Only Blowfish: the salts of the others are not accepted either. */
function crypt(password: string, salt: string): string {
  if (!/^\$2[axy]?\$/.test(salt)) throw notSupported('crypt() with another algorithm than "bf"');
  if (!/^\$2[axy]\$\d\d\$[./A-Za-z0-9]{22}/.test(salt)) throw sqlError('invalid_parameter_value', 'invalid salt');
  // bcryptjs knows 2a, 2b and 2y, which are the same for valid UTF-8.
  const hashed = bcrypt.hashSync(password, salt.slice(0, 29).replace('$2x$', '$2a$'));
  return salt.slice(0, 4) + hashed.slice(4);
}

function salt(type: string, rounds: number): string {
  if (['des', 'xdes', 'md5'].includes(type.toLowerCase())) throw notSupported(`gen_salt('${type}')`);
  if (type.toLowerCase() !== 'bf') throw sqlError('invalid_parameter_value', 'gen_salt: Unknown salt algorithm');
  const count = rounds === 0 ? DEFAULT_ROUNDS : rounds;
  if (count < MIN_ROUNDS || count > MAX_ROUNDS)
    throw sqlError('invalid_parameter_value', 'gen_salt: Incorrect number of rounds');
  return `$2a$${String(count).padStart(2, '0')}$${bcrypt.encodeBase64(randomBytes(SALT_BYTES), SALT_BYTES)}`;
}

interface Cipher {
  /** As Node's crypto names it. */
  readonly name: string;
  readonly key: Buffer;
  readonly iv: Buffer | null;
  readonly padded: boolean;
}

/** `type` is `algorithm [-mode] [/pad:padding]`. A short key or start is filled with zeros. */
function cipherOf(key: Uint8Array, type: string, iv: Uint8Array): Cipher {
  const parsed = /^([a-z0-9]+)(?:-([a-z]+))?(?:\/pad:(pkcs|none))?$/i.exec(type);
  if (parsed === null) throw unusable(type, 'No such cipher algorithm');
  const [, algorithm, mode = 'cbc', padding = 'pkcs'] = parsed.map((part) => part?.toLowerCase());
  if (algorithm === 'bf' || algorithm === '3des' || algorithm === 'des' || algorithm === 'cast5')
    throw notSupported(`cipher "${algorithm}"`);
  if (algorithm !== 'aes' || (mode !== 'cbc' && mode !== 'ecb')) throw unusable(type, 'No such cipher algorithm');
  const size = KEY_SIZES.find((bytes) => key.length <= bytes);
  if (size === undefined) throw failed('encrypt_iv error: Key was too big');
  const start = Buffer.alloc(BLOCK);
  start.set(iv.subarray(0, BLOCK));
  const filled = Buffer.alloc(size);
  filled.set(key);
  return {
    name: `aes-${size * 8}-${mode}`,
    key: filled,
    iv: mode === 'cbc' ? start : null,
    padded: padding !== 'none',
  };
}

const ZEROS = new Uint8Array(BLOCK);

function encrypt(data: Uint8Array, key: Uint8Array, iv: Uint8Array, type: string): Uint8Array {
  const cipher = cipherOf(key, type, iv);
  if (!cipher.padded && data.length % BLOCK !== 0) throw failed('encrypt error: Data not a multiple of block size');
  const coder = createCipheriv(cipher.name, cipher.key, cipher.iv).setAutoPadding(cipher.padded);
  return Buffer.concat([coder.update(data), coder.final()]);
}

function decrypt(data: Uint8Array, key: Uint8Array, iv: Uint8Array, type: string): Uint8Array {
  const cipher = cipherOf(key, type, iv);
  if (data.length % BLOCK !== 0) throw failed('decrypt error: Data not a multiple of block size');
  const decoder = createDecipheriv(cipher.name, cipher.key, cipher.iv).setAutoPadding(cipher.padded);
  try {
    return Buffer.concat([decoder.update(data), decoder.final()]);
  } catch {
    // Wrong padding is all that can fail here.
    throw failed('decrypt error: Decryption failed');
  }
}

function randomOf(count: number): Uint8Array {
  if (count < 1 || count > MAX_RANDOM_BYTES) throw failed('Length not in range');
  return randomBytes(count);
}

export const cryptoFunctions: FunctionFamily = plainFunctions({
  pg_digest: digest,
  pg_hmac: hmac,
  pg_crypt: crypt,
  pg_gen_salt: (type: string) => salt(type, 0),
  pg_gen_salt_rounds: salt,
  pg_encrypt: (data: Uint8Array, key: Uint8Array, type: string) => encrypt(data, key, ZEROS, type),
  pg_decrypt: (data: Uint8Array, key: Uint8Array, type: string) => decrypt(data, key, ZEROS, type),
  pg_encrypt_iv: encrypt,
  pg_decrypt_iv: decrypt,
  pg_random_bytes: randomOf,
  pg_random_uuid: () => randomUUID(),
});

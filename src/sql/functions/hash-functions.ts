/** md5 and SHA-2, and random UUIDs. */
import { createHash, randomUUID } from 'node:crypto';
import { type FunctionFamily, plainFunctions } from './registry.js';

function sha(algorithm: string): (value: Uint8Array) => Uint8Array {
  return (value) => createHash(algorithm).update(value).digest();
}

function md5(value: string | Uint8Array): string {
  return createHash('md5').update(value).digest('hex');
}

export const hashFunctions: FunctionFamily = plainFunctions({
  md5_text: md5,
  md5_bytea: md5,
  sha224_bytea: sha('sha224'),
  sha256_bytea: sha('sha256'),
  sha384_bytea: sha('sha384'),
  sha512_bytea: sha('sha512'),
  gen_random_uuid: () => randomUUID(),
});

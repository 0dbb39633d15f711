/**
 * Values of type aclitem: who got which privileges from whom. The datum is a text that names roles by OID,
 * `16384=r*w/10`, so that renamed roles need no rewriting; 0 is PUBLIC. A star behind a letter is the grant option.
 * What clients see (role names, `=r/owner` for PUBLIC) is the business of acl-codec.ts.
 */

/** The letters in the order of their bits. */
export const PRIVILEGE_LETTERS = 'arwdDxtXUCTcsA';

/** Bits of privileges; a privilege's letter has the position of its bit. */
export const PRIVILEGE = {
  INSERT: 1,
  SELECT: 2,
  UPDATE: 4,
  DELETE: 8,
  TRUNCATE: 16,
  REFERENCES: 32,
  TRIGGER: 64,
  EXECUTE: 128,
  USAGE: 256,
  CREATE: 512,
  TEMPORARY: 1024,
  CONNECT: 2048,
  SET: 4096,
  'ALTER SYSTEM': 8192,
} as const;

export type PrivilegeName = keyof typeof PRIVILEGE;

/** Grantee of what everybody may do. */
export const PUBLIC_ROLE = 0;

export interface AclItem {
  /** Role OID, PUBLIC_ROLE for everybody. */
  readonly grantee: number;
  readonly grantor: number;
  /** Bits of `PRIVILEGE`. */
  readonly privileges: number;
  /** Those of them that the grantee may pass on. */
  readonly options: number;
}

/** The bits of a list of letters; stars are not expected. */
export function bitsOfLetters(letters: string): number {
  let bits = 0;
  for (const letter of letters) bits |= 1 << PRIVILEGE_LETTERS.indexOf(letter);
  return bits;
}

/** `r*w`: the letters of an item in the order of their bits. */
export function privilegeLetters(item: AclItem): string {
  let text = '';
  for (let i = 0; i < PRIVILEGE_LETTERS.length; i++) {
    const bit = 1 << i;
    if ((item.privileges & bit) !== 0) text += PRIVILEGE_LETTERS[i];
    if ((item.options & bit) !== 0) text += '*';
  }
  return text;
}

/** The datum of an item. */
export function encodeAclItem(item: AclItem): string {
  return `${item.grantee}=${privilegeLetters(item)}/${item.grantor}`;
}

/** The item of a datum. REQUIRES: a text that `encodeAclItem` has made. */
export function decodeAclItem(datum: string): AclItem {
  const equals = datum.indexOf('=');
  const slash = datum.indexOf('/', equals);
  let privileges = 0;
  let options = 0;
  let last = 0;
  for (let i = equals + 1; i < slash; i++) {
    if (datum[i] === '*') options |= last;
    else {
      last = 1 << PRIVILEGE_LETTERS.indexOf(datum[i]);
      privileges |= last;
    }
  }
  return { grantee: Number(datum.slice(0, equals)), grantor: Number(datum.slice(slash + 1)), privileges, options };
}

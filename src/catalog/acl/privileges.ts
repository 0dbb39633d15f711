/** Which privileges there are for each kind of object, and who has them before anything is granted (documentation, 5.7). */
import { type AclItem, bitsOfLetters, PUBLIC_ROLE } from '../../types/acl/acl-item.js';
import { BOOTSTRAP_SUPERUSER } from '../known-oids.js';

/** Kinds of objects that privileges are granted on, by the letters that acldefault() takes. */
export type AclKind = 'c' | 'r' | 's' | 'd' | 'f' | 'l' | 'L' | 'n' | 'p' | 't' | 'F' | 'S' | 'T';

interface KindFacts {
  /** What GRANT ALL grants; the owner has it. */
  readonly all: number;
  /** What PUBLIC has by default. */
  readonly everybody: number;
  /** The object's kind in messages. */
  readonly word: string;
}

function facts(word: string, all: string, everybody = ''): KindFacts {
  return { word, all: bitsOfLetters(all), everybody: bitsOfLetters(everybody) };
}

export const ACL_KINDS: Readonly<Record<AclKind, KindFacts>> = {
  c: facts('column', 'arwx'),
  r: facts('relation', 'arwdDxt'),
  s: facts('sequence', 'rwU'),
  d: facts('database', 'CTc', 'Tc'),
  f: facts('function', 'X', 'X'),
  l: facts('language', 'U', 'U'),
  L: facts('large object', 'rw'),
  n: facts('schema', 'UC'),
  p: facts('parameter', 'sA'),
  t: facts('tablespace', 'C'),
  F: facts('foreign-data wrapper', 'U'),
  S: facts('foreign server', 'U'),
  T: facts('type', 'U', 'U'),
};

export function aclKindOf(letter: string): AclKind | undefined {
  return Object.hasOwn(ACL_KINDS, letter) ? (letter as AclKind) : undefined;
}

/** The list that a NULL stands for. Columns have nothing of their own; parameters belong to the first superuser. */
export function defaultAcl(kind: AclKind, owner: number): readonly AclItem[] {
  if (kind === 'c') return [];
  const { all, everybody } = ACL_KINDS[kind];
  const grantor = kind === 'p' ? BOOTSTRAP_SUPERUSER : owner;
  const items: AclItem[] = [];
  if (everybody !== 0) items.push({ grantee: PUBLIC_ROLE, grantor, privileges: everybody, options: 0 });
  items.push({ grantee: grantor, grantor, privileges: all, options: 0 });
  return items;
}

/** What is said to whoever lacks a privilege or does not own an object. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { RelationDesc } from '../descriptors.js';

const RELATION_WORDS: Readonly<Record<RelationDesc['kind'], string>> = {
  r: 'table',
  p: 'table',
  t: 'table',
  i: 'index',
  I: 'index',
  S: 'sequence',
  v: 'view',
  m: 'materialized view',
  f: 'foreign table',
  c: 'type',
};

/** The kind of a relation in these messages. */
export function relationWord(kind: RelationDesc['kind']): string {
  return RELATION_WORDS[kind];
}

export function permissionDenied(what: string, name: string): SqlError {
  return sqlError('insufficient_privilege', `permission denied for ${what} ${name}`);
}

export function columnPermissionDenied(column: string, relation: string): SqlError {
  return sqlError('insufficient_privilege', `permission denied for column "${column}" of relation "${relation}"`);
}

export function notOwner(what: string, name: string): SqlError {
  return sqlError('insufficient_privilege', `must be owner of ${what} ${name}`);
}

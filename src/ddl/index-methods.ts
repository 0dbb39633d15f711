/**
 * Access methods of indexes. Only btree indexes and some gin indexes have entries (`sql/plan/item-index.ts`); the others are kept in the catalogs, and the queries that
 * they would serve read the table, with the same answers.
 */
import type { IndexElem } from '@pgsql/types';
import { BTREE_AM, GIN_AM, HASH_AM } from '../catalog/known-oids.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import * as oids from '../types/oids.js';
import type { DdlContext } from './ddl-context.js';

interface IndexMethod {
  readonly oid: number;
  readonly unique: boolean;
  readonly multicolumn: boolean;
  readonly ordered: boolean;
  readonly including: boolean;
}

const METHODS: ReadonlyMap<string, IndexMethod> = new Map([
  ['btree', { oid: BTREE_AM, unique: true, multicolumn: true, ordered: true, including: true }],
  ['hash', { oid: HASH_AM, unique: false, multicolumn: false, ordered: false, including: false }],
  ['gist', { oid: 783, unique: false, multicolumn: true, ordered: false, including: true }],
  ['gin', { oid: GIN_AM, unique: false, multicolumn: true, ordered: false, including: false }],
  ['spgist', { oid: 4000, unique: false, multicolumn: false, ordered: false, including: true }],
  ['brin', { oid: 3580, unique: false, multicolumn: true, ordered: false, including: false }],
]);

interface Wanted {
  readonly method: string;
  readonly unique: boolean;
  readonly keys: readonly IndexElem[];
  readonly including: readonly string[];
}

/** OID of an access method that can do what the definition asks for. @throws SqlError 42704, 0A000 */
export function indexMethod({ method, unique, keys, including }: Wanted): number {
  const found = METHODS.get(method);
  if (found === undefined) throw sqlError('undefined_object', `access method "${method}" does not exist`);
  const refuse = (what: string): SqlError =>
    sqlError('feature_not_supported', `access method "${method}" does not support ${what}`);
  if (unique && !found.unique) throw refuse('unique indexes');
  if (including.length > 0 && !found.including) throw refuse('included columns');
  if (keys.length > 1 && !found.multicolumn) throw refuse('multicolumn indexes');
  if (found.ordered) return found.oid;
  for (const key of keys) {
    if (key.ordering === 'SORTBY_ASC' || key.ordering === 'SORTBY_DESC') throw refuse('ASC/DESC options');
    if (key.nulls_ordering !== undefined && key.nulls_ordering !== 'SORTBY_NULLS_DEFAULT')
      throw refuse('NULLS FIRST/LAST options');
  }
  return found.oid;
}

/** The type that an index of the operator class holds for a column of `type`. */
export function keptType(cx: DdlContext, method: string, opclass: number, type: number): number {
  if (method === 'hash') return oids.INT4;
  const [row] = cx.view().rows('pg_opclass_oid_index', [opclass]);
  const declared = row?.number('opckeytype') ?? 0;
  if (declared === 0) return type;
  if (declared === oids.ANYELEMENT) return cx.view().type(type)?.element ?? type;
  return cx.view().type(declared)?.kind === 'p' ? type : declared;
}

/**
 * The array type that comes with every type, and free names for it.
 */
import { sqlError } from '../../errors/sql-error.js';
import type { Task } from '../../util/task.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import { address, recordDependency } from './dependencies.js';

const MAX_NAME_BYTES = 63;
const ARRAY_FUNCTIONS = { input: 750, output: 751, receive: 2400, send: 2401, analyze: 3816, subscript: 6179 };

/** Cuts a name to 63 bytes, never inside a character. */
export function truncateName(name: string, bytes: number = MAX_NAME_BYTES): string {
  if (Buffer.byteLength(name) <= bytes) return name;
  let end = Math.min(name.length, bytes);
  while (Buffer.byteLength(name.slice(0, end)) > bytes) end--;
  const last = name.charCodeAt(end - 1);
  return name.slice(0, last >= 0xd800 && last < 0xdc00 ? end - 1 : end);
}

/** `_name`, with more underscores while taken. */
export function arrayTypeName(writer: CatalogWriter, element: string, namespace: number): string {
  for (let prefix = '_'; prefix.length < MAX_NAME_BYTES; prefix += '_') {
    const name = prefix + truncateName(element, MAX_NAME_BYTES - prefix.length);
    if (findType(writer, name, namespace) === undefined) return name;
  }
  throw sqlError('duplicate_object', `could not form array type name for type "${element}"`);
}

export function findType(writer: CatalogWriter, name: string, namespace: number): CatalogEntry | undefined {
  return writer.findOne('pg_type_typname_nsp_index', [name, namespace]);
}

/**
 * Makes room for a new type: an array type made by the system gives way by renaming, as PostgreSQL has it.
 * Throws 42710 when the name belongs to a real type.
 */
export function* claimTypeName(writer: CatalogWriter, name: string, namespace: number, hint?: string): Task<void> {
  const taken = findType(writer, name, namespace);
  if (taken === undefined) return;
  const element = taken.number('typelem');
  const isArray = taken.number('typsubscript') === ARRAY_FUNCTIONS.subscript && element !== 0;
  const owner = isArray ? writer.findOne('pg_type_oid_index', [element]) : undefined;
  if (owner === undefined || owner.number('typarray') !== taken.number('oid')) {
    throw sqlError('duplicate_object', `type "${name}" already exists`, { hint });
  }
  yield* writer.update(taken, { typname: arrayTypeName(writer, name, namespace) });
}

export interface ArrayTypeSpec {
  readonly oid: number;
  readonly element: number;
  readonly elementName: string;
  readonly namespace: number;
  readonly owner: number;
  readonly align: 'i' | 'd';
  readonly delimiter?: string;
  readonly collation?: number;
}

/** Writes the row of an array type. The element's row must name it in typarray. */
export function* createArrayType(writer: CatalogWriter, spec: ArrayTypeSpec): Task<void> {
  yield* writer.insert('pg_type', {
    ...TYPE_DEFAULTS,
    oid: spec.oid,
    typname: arrayTypeName(writer, spec.elementName, spec.namespace),
    typnamespace: spec.namespace,
    typowner: spec.owner,
    typlen: -1,
    typbyval: false,
    typtype: 'b',
    typcategory: 'A',
    typdelim: spec.delimiter ?? ',',
    typsubscript: ARRAY_FUNCTIONS.subscript,
    typelem: spec.element,
    typinput: ARRAY_FUNCTIONS.input,
    typoutput: ARRAY_FUNCTIONS.output,
    typreceive: ARRAY_FUNCTIONS.receive,
    typsend: ARRAY_FUNCTIONS.send,
    typanalyze: ARRAY_FUNCTIONS.analyze,
    typalign: spec.align,
    typstorage: 'x',
    typcollation: spec.collation ?? 0,
  });
  yield* recordDependency(writer, address('pg_type', spec.oid), address('pg_type', spec.element), 'i');
}

/** Values of pg_type columns that most types share. */
export const TYPE_DEFAULTS = {
  typispreferred: false,
  typisdefined: true,
  typdelim: ',',
  typrelid: 0,
  typsubscript: 0,
  typelem: 0,
  typarray: 0,
  typreceive: 0,
  typsend: 0,
  typmodin: 0,
  typmodout: 0,
  typanalyze: 0,
  typnotnull: false,
  typbasetype: 0,
  typtypmod: -1,
  typndims: 0,
  typcollation: 0,
} as const;

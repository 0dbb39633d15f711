/**
 * CREATE, ALTER and DROP COLLATION. Collations of provider icu order as Intl does; of libc there are C and POSIX, which order by
 * code points. Nondeterministic ones answer 0A000: equality and hashing are those of the bytes here.
 */
import type { AlterCollationStmt, DefElem, DefineStmt, Node } from '@pgsql/types';
import type { CatalogEntry } from '../catalog/catalog-writer.js';
import { address, type ObjectAddress, recordDependency } from '../catalog/ddl/dependencies.js';
import { recordOwner } from '../catalog/ddl/shared-dependencies.js';
import { notSupported, type SqlError, sqlError } from '../errors/sql-error.js';
import { nameParts, splitName } from '../sql/binder/ast.js';
import { collatorOf } from '../types/text/collator.js';
import type { Task } from '../util/task.js';
import { requireOwner } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { defElems, optionBoolean, optionName, optionText, redundantOption } from './option-values.js';
import { creationNamespace, positionOf } from './relation-names.js';
import { skipExisting } from './skipping.js';

const OPTIONS = ['from', 'locale', 'lc_collate', 'lc_ctype', 'provider', 'deterministic', 'version'];
const UTF8 = 6;
const ANY_ENCODING = -1;

/** Columns of pg_collation that say what a collation is. */
interface Definition {
  readonly collprovider: string;
  readonly collisdeterministic: boolean;
  readonly collencoding: number;
  readonly collcollate: string | null;
  readonly collctype: string | null;
  readonly colliculocale: string | null;
  readonly collversion: string | null;
}

export function* createCollationStatement(cx: DdlContext, statement: DefineStmt): Task<string> {
  const { schema, name } = splitName(nameParts(statement.defnames));
  const namespace = yield* creationNamespace(cx, schema, name);
  const options = collationOptions(cx, statement.definition);
  const from = options.get('from');
  const definition = from === undefined ? ownDefinition(options) : copied(cx, optionName(from));
  const taken = existing(cx, name, namespace, definition.collencoding);
  if (taken !== null) {
    skipExisting(cx, statement.if_not_exists, taken);
    return 'CREATE COLLATION';
  }
  const oid = cx.writer.allocateOid();
  yield* cx.writer.insert('pg_collation', {
    oid,
    collname: name,
    collnamespace: namespace,
    collowner: cx.role,
    ...definition,
  });
  const self = address('pg_collation', oid);
  yield* recordDependency(cx.writer, self, address('pg_namespace', namespace), 'n');
  yield* recordOwner(cx.writer, self, cx.role);
  return 'CREATE COLLATION';
}

/** @throws SqlError 42601 */
function collationOptions(cx: DdlContext, nodes: readonly Node[] | undefined): ReadonlyMap<string, DefElem> {
  const options = new Map<string, DefElem>();
  for (const option of defElems(nodes)) {
    const name = option.defname ?? '';
    if (!OPTIONS.includes(name)) {
      const position = positionOf(cx, option.location);
      throw sqlError('syntax_error', `collation attribute "${name}" not recognized`).at(position);
    }
    if (options.has(name)) throw redundantOption(cx, option);
    options.set(name, option);
  }
  const refuse = (detail: string): SqlError => sqlError('syntax_error', 'conflicting or redundant options', { detail });
  if (options.has('locale') && (options.has('lc_collate') || options.has('lc_ctype')))
    throw refuse('LOCALE cannot be specified together with LC_COLLATE or LC_CTYPE.');
  if (options.has('from') && options.size > 1)
    throw refuse('FROM cannot be specified together with any other options.');
  return options;
}

/** @throws SqlError 42P17, 22023, 0A000 */
function ownDefinition(options: ReadonlyMap<string, DefElem>): Definition {
  const text = (name: string): string | null => {
    const option = options.get(name);
    return option === undefined ? null : (optionText(option) ?? null);
  };
  const provider = text('provider')?.toLowerCase() ?? 'libc';
  const option = options.get('deterministic');
  const deterministic = option === undefined || optionBoolean(option);
  if (provider === 'icu') return icuDefinition(text('locale'), deterministic);
  if (provider !== 'libc') throw invalid(`unrecognized collation provider: ${text('provider') ?? ''}`);
  const [collate, ctype] = [text('lc_collate') ?? text('locale'), text('lc_ctype') ?? text('locale')];
  if (collate === null) throw invalid('parameter "lc_collate" must be specified');
  if (ctype === null) throw invalid('parameter "lc_ctype" must be specified');
  if (!deterministic) {
    throw sqlError('feature_not_supported', 'nondeterministic collations not supported with this provider');
  }
  for (const name of [collate, ctype]) requireLibcLocale(name);
  return {
    collprovider: 'c',
    collisdeterministic: true,
    collencoding: UTF8,
    collcollate: collate,
    collctype: ctype,
    colliculocale: null,
    collversion: null,
  };
}

function icuDefinition(locale: string | null, deterministic: boolean): Definition {
  if (locale === null) throw invalid('parameter "locale" must be specified');
  if (!deterministic) throw notSupported('a nondeterministic collation');
  collatorOf({ name: '', provider: 'i', locale });
  return {
    collprovider: 'i',
    collisdeterministic: true,
    collencoding: ANY_ENCODING,
    collcollate: null,
    collctype: null,
    colliculocale: locale,
    collversion: process.versions.icu ?? null,
  };
}

/** @throws SqlError 22023 for locales that order otherwise than by code points */
function requireLibcLocale(name: string): void {
  if (['C', 'POSIX', 'C.UTF-8', 'C.utf8'].includes(name)) return;
  throw sqlError('invalid_parameter_value', `could not create locale "${name}": No such file or directory`, {
    detail: `The operating system could not find any locale data for the locale name "${name}".`,
  });
}

function copied(cx: DdlContext, parts: readonly string[]): Definition {
  const { row } = findCollation(cx, parts);
  if (row.text('collprovider') === 'd') throw invalid(`collation "${row.text('collname')}" cannot be copied`);
  const text = (column: string): string | null => {
    const value = row.datum(column);
    return typeof value === 'string' ? value : null;
  };
  return {
    collprovider: row.text('collprovider'),
    collisdeterministic: row.boolean('collisdeterministic'),
    collencoding: row.number('collencoding'),
    collcollate: text('collcollate'),
    collctype: text('collctype'),
    colliculocale: text('colliculocale'),
    collversion: text('collversion'),
  };
}

/** The error that there is such a collation; null when there is none. */
function existing(cx: DdlContext, name: string, namespace: number, encoding: number): SqlError | null {
  const taken = (code: number): boolean =>
    cx.writer.findOne('pg_collation_name_enc_nsp_index', [name, code, namespace]) !== undefined;
  if (!taken(encoding) && !taken(encoding === ANY_ENCODING ? UTF8 : ANY_ENCODING)) return null;
  const place = encoding === ANY_ENCODING ? '' : ' for encoding "UTF8"';
  return sqlError('duplicate_object', `collation "${name}"${place} already exists`);
}

/** @throws SqlError 42704, 3F000 */
export function findCollation(
  cx: DdlContext,
  parts: readonly string[],
): { readonly object: ObjectAddress; readonly row: CatalogEntry } {
  const found = tryFindCollation(cx, parts);
  if (found !== undefined) return found;
  throw missingCollation(parts);
}

/** `skipped`: as IF EXISTS tells it. */
export function missingCollation(parts: readonly string[], skipped = false): SqlError {
  const place = skipped ? '' : ' for encoding "UTF8"';
  return sqlError('undefined_object', `collation "${parts.join('.')}"${place} does not exist`);
}

export function tryFindCollation(cx: DdlContext, parts: readonly string[]) {
  const { schema, name } = splitName(parts);
  const namespace = schema === null ? null : cx.view().namespaceByName(schema);
  if (namespace === undefined) throw sqlError('invalid_schema_name', `schema "${schema}" does not exist`);
  const oid = cx.view().collationByName(name, namespace?.oid ?? null);
  const row = oid === undefined ? undefined : cx.writer.findOne('pg_collation_oid_index', [oid]);
  return oid === undefined || row === undefined ? undefined : { object: address('pg_collation', oid), row };
}

/** For ALTER COLLATION … RENAME and SET SCHEMA. @throws SqlError 42710 */
export function requireFreeCollation(cx: DdlContext, row: CatalogEntry, name: string, namespace: number): void {
  const taken = existing(cx, name, namespace, row.number('collencoding'));
  if (taken === null) return;
  throw sqlError('duplicate_object', `${taken.message} in schema "${cx.view().namespace(namespace)?.name ?? ''}"`);
}

/** REFRESH VERSION. */
export function* alterCollationStatement(cx: DdlContext, statement: AlterCollationStmt): Task<string> {
  const { row } = findCollation(cx, nameParts(statement.collname));
  requireOwner(cx, row.number('collowner'), 'collation', row.text('collname'));
  const current = row.text('collprovider') === 'i' ? (process.versions.icu ?? null) : null;
  const known = row.datum('collversion');
  if (known === current || known === null) cx.notice('NOTICE', 'version has not changed');
  else {
    cx.notice('NOTICE', `changing version from ${String(known)} to ${current ?? ''}`);
    yield* cx.writer.update(row, { collversion: current });
  }
  return 'ALTER COLLATION';
}

function invalid(message: string): SqlError {
  return sqlError('invalid_object_definition', message);
}

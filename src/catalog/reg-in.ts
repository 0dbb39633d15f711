/**
 * Names of catalog objects to OIDs: the input of regclass, regproc, regtype and their kin, with PostgreSQL's errors.
 */
import { sqlError } from '../errors/sql-error.js';
import type { RegKind } from '../types/type-context.js';
import type { CatalogView } from './descriptors.js';
import { parseQualifiedName, splitSignature } from './name-syntax.js';

/** Resolves a type's name in SQL syntax (`character varying(10)[]`) with the SQL parser. Throws when there is none. */
export type TypeNameParser = (text: string, view: CatalogView) => number;

export interface RegInContext {
  readonly view: CatalogView;
  /** Name of the current database: it may stand before a schema. */
  readonly database: string;
  readonly parseTypeName: TypeNameParser;
}

const MAX_OID = 4294967295;

export function regIn(cx: RegInContext, kind: RegKind, text: string): number {
  if (text === '-' && kind !== 'regoper' && kind !== 'regoperator') return 0;
  if (text === '0') return 0;
  if (/^[0-9]+$/.test(text)) return parseOid(text);
  switch (kind) {
    case 'regclass':
      return relationByText(cx, text);
    case 'regtype':
      return cx.parseTypeName(text, cx.view);
    case 'regproc':
      return procByText(cx, text);
    case 'regprocedure':
      return procedureByText(cx, text);
    case 'regoper':
      return operatorByText(cx, text);
    case 'regoperator':
      return operatorBySignature(cx, text);
    case 'regnamespace':
      return namespaceByText(cx.view, text);
    case 'regrole':
      return roleByText(cx.view, text);
    case 'regcollation':
      return collationByText(cx, text);
    case 'regconfig':
      return textSearchByText(cx, text, 'pg_ts_config_cfgname_index', 'cfg', 'configuration');
    case 'regdictionary':
      return textSearchByText(cx, text, 'pg_ts_dict_dictname_index', 'dict', 'dictionary');
  }
}

function parseOid(text: string): number {
  const value = Number(text);
  if (value > MAX_OID) {
    throw sqlError('numeric_value_out_of_range', `value "${text}" is out of range for type oid`);
  }
  return value;
}

interface Qualified {
  readonly schema: string | null;
  readonly name: string;
}

/** Takes `[[database.]schema.]name` apart; `what` names the kind of name in the error. */
function qualify(cx: RegInContext, parts: readonly string[], what: string): Qualified {
  if (parts.length === 1) return { schema: null, name: parts[0] };
  if (parts.length === 2) return { schema: parts[0], name: parts[1] };
  const full = parts.join('.');
  if (parts.length > 3) throw sqlError('syntax_error', `improper ${what} (too many dotted names): ${full}`);
  if (parts[0] !== cx.database) {
    throw sqlError(
      'feature_not_supported',
      `cross-database references are not implemented: ${what === 'relation name' ? `"${full}"` : full}`,
    );
  }
  return { schema: parts[1], name: parts[2] };
}

/** Null when no schema was named. Throws 3F000 for one that does not exist. */
function namespaceOf(view: CatalogView, schema: string | null): number | null {
  if (schema === null) return null;
  const found = view.namespaceByName(schema);
  if (found === undefined) throw sqlError('invalid_schema_name', `schema "${schema}" does not exist`);
  return found.oid;
}

function relationByText(cx: RegInContext, text: string): number {
  const { schema, name } = qualify(cx, parseQualifiedName(text), 'relation name');
  const found = cx.view.relationByName(name, namespaceOf(cx.view, schema));
  if (found !== undefined) return found.oid;
  throw sqlError('undefined_table', `relation "${schema === null ? name : `${schema}.${name}`}" does not exist`);
}

function procByText(cx: RegInContext, text: string): number {
  const { schema, name } = qualify(cx, parseQualifiedName(text), 'qualified name');
  const found = cx.view.procsByName(name, namespaceOf(cx.view, schema));
  if (found.length === 1) return found[0].oid;
  if (found.length === 0) throw sqlError('undefined_function', `function "${text}" does not exist`);
  throw sqlError('ambiguous_function', `more than one function named "${text}"`);
}

function procedureByText(cx: RegInContext, text: string): number {
  const signature = splitSignature(text);
  const { schema, name } = qualify(cx, parseQualifiedName(signature.name), 'qualified name');
  const types = signature.argTypes.map((argument) => cx.parseTypeName(argument, cx.view));
  const found = cx.view
    .procsByName(name, namespaceOf(cx.view, schema))
    .find((proc) => proc.argTypes.length === types.length && proc.argTypes.every((type, i) => type === types[i]));
  if (found === undefined) throw sqlError('undefined_function', `function "${text}" does not exist`);
  return found.oid;
}

/** The operator's name may follow a schema; it has no quotes and is never folded. */
function operatorName(cx: RegInContext, text: string): Qualified {
  const dot = text.lastIndexOf('.');
  if (dot === -1) return { schema: null, name: text.trim() };
  return qualify(cx, [...parseQualifiedName(text.slice(0, dot)), text.slice(dot + 1).trim()], 'qualified name');
}

function operatorByText(cx: RegInContext, text: string): number {
  const { schema, name } = operatorName(cx, text);
  const found = cx.view.operatorsByName(name, namespaceOf(cx.view, schema));
  if (found.length === 1) return found[0].oid;
  if (found.length === 0) throw sqlError('undefined_function', `operator does not exist: ${text}`);
  throw sqlError('ambiguous_function', `more than one operator named ${text}`);
}

function operatorBySignature(cx: RegInContext, text: string): number {
  const signature = splitSignature(text);
  const { schema, name } = operatorName(cx, signature.name);
  if (signature.argTypes.length === 1) {
    throw sqlError('undefined_parameter', 'missing argument', {
      hint: 'Use NONE to denote the missing argument of a unary operator.',
    });
  }
  if (signature.argTypes.length !== 2) {
    throw sqlError('too_many_arguments', 'too many arguments', { hint: 'Provide two argument types for operator.' });
  }
  const [left, right] = signature.argTypes.map((type) =>
    type.toLowerCase() === 'none' ? 0 : cx.parseTypeName(type, cx.view),
  );
  const found = cx.view
    .operatorsByName(name, namespaceOf(cx.view, schema))
    .find((operator) => operator.left === left && operator.right === right);
  if (found === undefined) throw sqlError('undefined_function', `operator does not exist: ${text}`);
  return found.oid;
}

function singleName(text: string): string {
  const parts = parseQualifiedName(text);
  if (parts.length !== 1) throw sqlError('invalid_name', 'invalid name syntax');
  return parts[0];
}

function namespaceByText(view: CatalogView, text: string): number {
  const name = singleName(text);
  const found = view.namespaceByName(name);
  if (found === undefined) throw sqlError('invalid_schema_name', `schema "${name}" does not exist`);
  return found.oid;
}

function roleByText(view: CatalogView, text: string): number {
  const name = singleName(text);
  const found = view.roleByName(name);
  if (found === undefined) throw sqlError('undefined_object', `role "${name}" does not exist`);
  return found.oid;
}

function collationByText(cx: RegInContext, text: string): number {
  const { schema, name } = qualify(cx, parseQualifiedName(text), 'qualified name');
  const found = cx.view.collationByName(name, namespaceOf(cx.view, schema));
  if (found !== undefined) return found;
  const full = schema === null ? name : `${schema}.${name}`;
  throw sqlError('undefined_object', `collation "${full}" for encoding "UTF8" does not exist`);
}

function textSearchByText(cx: RegInContext, text: string, index: string, prefix: string, what: string): number {
  const { schema, name } = qualify(cx, parseQualifiedName(text), 'qualified name');
  const namespace = namespaceOf(cx.view, schema);
  const rows = cx.view.rows(index, [name]);
  for (const searched of namespace === null ? cx.view.searchPath : [namespace]) {
    const row = rows.find((candidate) => candidate.number(`${prefix}namespace`) === searched);
    if (row !== undefined) return row.number('oid');
  }
  const full = schema === null ? name : `${schema}.${name}`;
  throw sqlError('undefined_object', `text search ${what} "${full}" does not exist`);
}

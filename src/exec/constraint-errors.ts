/**
 * The errors that a row raises against the constraints of its table, with PostgreSQL's DETAIL and object fields.
 * Values appear in the text form of their types.
 */
import type { ConstraintDesc, IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { Datum, Row } from '../types/datum.js';
import { quoteIdentifier } from '../types/quote-identifier.js';
import type { ExecServices } from './exec-context.js';

/** Bytes of a value that "Failing row contains" shows. */
const MAX_FIELD_BYTES = 64;

export function notNullViolation(services: ExecServices, relation: RelationDesc, row: Row, slot: number): SqlError {
  const column = relation.attributes[slot].name;
  return sqlError(
    'not_null_violation',
    `null value in column "${column}" of relation "${relation.name}" violates not-null constraint`,
    { detail: failingRow(services, relation, row), ...tableFields(services, relation), column },
  );
}

export function checkViolation(services: ExecServices, relation: RelationDesc, row: Row, constraint: string): SqlError {
  return sqlError(
    'check_violation',
    `new row for relation "${relation.name}" violates check constraint "${constraint}"`,
    { detail: failingRow(services, relation, row), ...tableFields(services, relation), constraint },
  );
}

/** WITH CHECK OPTION. */
export function viewCheckViolation(services: ExecServices, relation: RelationDesc, row: Row, view: string): SqlError {
  return sqlError('with_check_option_violation', `new row violates check option for view "${view}"`, {
    detail: failingRow(services, relation, row),
  });
}

export function uniqueViolation(
  services: ExecServices,
  relation: RelationDesc,
  index: IndexDesc,
  key: string,
): SqlError {
  return sqlError('unique_violation', `duplicate key value violates unique constraint "${index.name}"`, {
    detail: showsKey(services, relation, index) ? `Key ${key} already exists.` : undefined,
    ...tableFields(services, relation),
    constraint: index.name,
  });
}

/** A key is shown to those who may see all of its columns. */
function showsKey(services: ExecServices, relation: RelationDesc, index: IndexDesc): boolean {
  const shown = services.shownColumns?.(relation) ?? null;
  return shown === null || index.attributes.slice(0, index.keyColumns).every((number) => shown.has(number));
}

/** CREATE UNIQUE INDEX over rows that are not unique. */
export function duplicateInNewIndex(
  services: ExecServices,
  relation: RelationDesc,
  index: IndexDesc,
  key: string,
): SqlError {
  return sqlError('unique_violation', `could not create unique index "${index.name}"`, {
    detail: `Key ${key} is duplicated.`,
    ...tableFields(services, relation),
    constraint: index.name,
  });
}

/** A row of `child` that refers to nothing. `detail` says how. */
export function missingReference(
  services: ExecServices,
  child: RelationDesc,
  constraint: ConstraintDesc,
  detail: string,
): SqlError {
  return sqlError(
    'foreign_key_violation',
    `insert or update on table "${child.name}" violates foreign key constraint "${constraint.name}"`,
    { detail, ...tableFields(services, child), constraint: constraint.name },
  );
}

/** A key of `parent` that is going although `child` refers to it. */
export function stillReferenced(
  services: ExecServices,
  parent: RelationDesc,
  child: RelationDesc,
  constraint: ConstraintDesc,
  key: string,
): SqlError {
  return sqlError(
    'foreign_key_violation',
    `update or delete on table "${parent.name}" violates foreign key constraint "${constraint.name}" on table "${child.name}"`,
    {
      detail: `Key ${key} is still referenced from table "${child.name}".`,
      ...tableFields(services, child),
      constraint: constraint.name,
    },
  );
}

/** `(a, b)=(1, x)` of the attributes with these numbers. */
export function keyText(
  services: ExecServices,
  relation: RelationDesc,
  numbers: readonly number[],
  values: readonly Datum[],
): string {
  const names = numbers.map((number) => relation.attributes[number - 1].name);
  const texts = values.map((value, i) => valueText(services, relation.attributes[numbers[i] - 1].type, value));
  return `(${names.join(', ')})=(${texts.join(', ')})`;
}

/** The same for the key columns of an index, whose names are quoted where SQL wants it. */
export function indexKeyText(
  services: ExecServices,
  relation: RelationDesc,
  index: IndexDesc,
  types: readonly number[],
  values: readonly Datum[],
): string {
  let expression = 0;
  const names = index.attributes
    .slice(0, index.keyColumns)
    .map((number) =>
      number === 0
        ? keyExpressionText(index.expressionTexts[expression++])
        : quoteIdentifier(relation.attributes[number - 1].name),
    );
  const texts = values.map((value, i) => valueText(services, types[i], value));
  return `(${names.join(', ')})=(${texts.join(', ')})`;
}

export function tableFields(services: ExecServices, relation: RelationDesc): { schema?: string; table: string } {
  const schema = services.catalog.namespace(relation.namespace)?.name;
  return schema === undefined ? { table: relation.name } : { schema, table: relation.name };
}

function valueText(services: ExecServices, type: number, value: Datum): string {
  return value === null ? 'null' : services.types.codec(type).format(value, services.types);
}

/** Undefined when the user may see none of it. */
function failingRow(services: ExecServices, relation: RelationDesc, row: Row): string | undefined {
  const shown = services.shownColumns?.(relation) ?? null;
  const names: string[] = [];
  const texts: string[] = [];
  for (const attribute of relation.attributes) {
    if (attribute.dropped || shown?.has(attribute.number) === false) continue;
    names.push(attribute.name);
    texts.push(clipped(valueText(services, attribute.type, row[attribute.number - 1] ?? null)));
  }
  if (shown === null) return `Failing row contains (${texts.join(', ')}).`;
  return names.length === 0 ? undefined : `Failing row contains (${names.join(', ')}) = (${texts.join(', ')}).`;
}

function clipped(text: string): string {
  if (Buffer.byteLength(text) <= MAX_FIELD_BYTES) return text;
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > MAX_FIELD_BYTES) break;
    kept += character;
  }
  return `${kept}...`;
}

/** Function calls stand alone, anything else is put in parentheses. */
function keyExpressionText(text: string): string {
  const call = /^(?:[a-z_][a-z0-9_$]*|"[^"]*")(?:\.(?:[a-z_][a-z0-9_$]*|"[^"]*"))?\(/i.exec(text);
  const open = call === null ? (text.startsWith('(') ? 0 : -1) : call[0].length - 1;
  return open >= 0 && closingParenthesis(text, open) === text.length - 1 ? text : `(${text})`;
}

/** Position of the parenthesis that closes the one at `open`; quoted text is passed over. */
function closingParenthesis(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const character = text[i];
    if (character === "'" || character === '"') {
      i = text.indexOf(character, i + 1);
      if (i < 0) return -1;
    } else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return i;
  }
  return -1;
}

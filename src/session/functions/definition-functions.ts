/** pg_get_…def: definitions of indexes, constraints, views and expressions as SQL (PostgreSQL's ruleutils). */

import type { CatalogView, ConstraintDesc, IndexDesc, RelationDesc } from '../../catalog/descriptors.js';
import { isExpressionList, parseExpressionList } from '../../catalog/expression-list.js';
import { regOut } from '../../catalog/reg-out.js';
import { relationNameIn } from '../../sql/deparse/object-names.js';
import { viewDefinition } from '../../sql/deparse/view-definition.js';
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import type { Expr } from '../../sql/plan/expression.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import type { SessionEnvironment } from '../session-environment.js';
import { sessionOf } from './session-of.js';
import { printStored } from './stored-printing.js';
import { triggerDefinition } from './trigger-definition.js';

function columnName(relation: RelationDesc | undefined, number: number): string {
  return quoteIdentifier(relation?.attributes[number - 1]?.name ?? '???');
}

/** What stands in a list of keys without parentheses of its own. */
const CALLS = new Set(['coalesce', 'greatest', 'least', 'nullif', 'sql value']);

export function isCall(expr: Expr | null): boolean {
  if (expr === null) return false;
  return expr.kind === 'function' ? expr.form === 'call' || expr.form === 'sql syntax' : CALLS.has(expr.kind);
}

interface IndexKey {
  readonly text: string;
  readonly type: number;
  readonly collation: number;
}

function indexKeys(
  environment: SessionEnvironment,
  index: IndexDesc,
  relation: RelationDesc,
  pretty: boolean,
): IndexKey[] {
  let expression = 0;
  return index.attributes.map((number) => {
    if (number !== 0) {
      const { type, collation } = relation.attributes[number - 1];
      return { text: columnName(relation, number), type, collation };
    }
    const text = index.expressionTexts[expression++];
    const { text: printed, expr } = printStored(environment, text, { relation: relation.oid }, pretty);
    return {
      text: isCall(expr) ? printed : `(${printed})`,
      type: expr?.type ?? 0,
      collation: expr?.collation ?? 0,
    };
  });
}

/** Collation, operator class and order of a key, where they are not the default. */
function keyOptions(view: CatalogView, index: IndexDesc, i: number, key: IndexKey): string {
  const opclass = view.opclass(index.opclasses[i]);
  const collation = index.collations[i] ?? 0;
  const byDefault = view.defaultOpclass(key.type, index.method);
  let text = '';
  if (collation !== 0 && collation !== key.collation) text += ` COLLATE ${collationName(view, collation)}`;
  if (opclass !== undefined && opclass.oid !== byDefault?.oid) text += ` ${quoteIdentifier(opclass.name)}`;
  if (index.descending[i]) return `${text} DESC${index.nullsFirst[i] ? '' : ' NULLS LAST'}`;
  return `${text}${index.nullsFirst[i] ? ' NULLS FIRST' : ''}`;
}

function collationName(view: CatalogView, oid: number): string {
  return regOut(view, 'regcollation', oid);
}

/** `fillfactor='70'` */
function storageOptions(environment: SessionEnvironment, index: number): string {
  const options = environment.catalog.relation(index)?.options ?? [];
  return options
    .map((option) => {
      const at = option.indexOf('=');
      const value = option.slice(at + 1);
      const bare = quoteIdentifier(value) === value;
      return `${option.slice(0, at)}=${bare ? value : `'${value.replaceAll("'", "''")}'`}`;
    })
    .join(', ');
}

/** `pretty` leaves out the schema of a visible table, and parentheses. */
export function indexDefinition(environment: SessionEnvironment, index: IndexDesc, pretty: boolean): string {
  const view = environment.catalog;
  const relation = view.relation(index.relation);
  if (relation === undefined) return '';
  const columns = indexKeys(environment, index, relation, pretty).map((key, i) =>
    i < index.keyColumns ? key.text + keyOptions(view, index, i, key) : key.text,
  );
  const keys = columns.slice(0, index.keyColumns).join(', ');
  const included = columns.slice(index.keyColumns);
  const options = storageOptions(environment, index.oid);
  const predicate =
    index.predicateText === null
      ? ''
      : printStored(environment, index.predicateText, { relation: relation.oid }, pretty).text;
  return [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quoteIdentifier(index.name)} ON ${relationNameIn(view, relation, !pretty)} USING ${index.method} (${keys})`,
    included.length > 0 ? ` INCLUDE (${included.join(', ')})` : '',
    index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '',
    options === '' ? '' : ` WITH (${options})`,
    predicate === '' ? '' : ` WHERE ${predicate}`,
  ].join('');
}

function indexColumnDefinition(cx: CallContext, oid: number, column: number, pretty: boolean): string | null {
  const environment = sessionOf(cx);
  const index = environment.catalog.index(oid);
  const relation = index === undefined ? undefined : environment.catalog.relation(index.relation);
  if (index === undefined || relation === undefined) return null;
  if (column === 0) return indexDefinition(environment, index, pretty);
  return indexKeys(environment, index, relation, pretty)[column - 1]?.text ?? '';
}

const ACTIONS: Record<string, string> = { a: '', r: 'RESTRICT', c: 'CASCADE', n: 'SET NULL', d: 'SET DEFAULT' };

function constraintDefinition(environment: SessionEnvironment, constraint: ConstraintDesc, pretty: boolean): string {
  const view = environment.catalog;
  const relation = view.relation(constraint.relation);
  const columns = (numbers: readonly number[], of: RelationDesc | undefined): string =>
    numbers.map((number) => columnName(of, number)).join(', ');
  let text = '';
  switch (constraint.kind) {
    case 'c':
      text = `CHECK (${checkText(environment, constraint, pretty)})${constraint.noInherit ? ' NO INHERIT' : ''}`;
      break;
    case 'p':
    case 'u': {
      const index = relation?.indexes.find((candidate) => candidate.oid === constraint.index);
      const included = index === undefined ? [] : index.attributes.slice(index.keyColumns);
      text = `${constraint.kind === 'p' ? 'PRIMARY KEY' : `UNIQUE${index?.nullsNotDistinct ? ' NULLS NOT DISTINCT' : ''}`} (${columns(constraint.key, relation)})`;
      if (included.length > 0) text += ` INCLUDE (${columns(included, relation)})`;
      break;
    }
    case 'f': {
      const target = view.relation(constraint.foreignRelation);
      const name = target === undefined ? '' : relationNameIn(view, target, !pretty);
      text = `FOREIGN KEY (${columns(constraint.key, relation)}) REFERENCES ${name}(${columns(constraint.foreignKey, target)})`;
      if (constraint.match === 'f') text += ' MATCH FULL';
      if (ACTIONS[constraint.onUpdate] !== '') text += ` ON UPDATE ${ACTIONS[constraint.onUpdate]}`;
      if (ACTIONS[constraint.onDelete] !== '') text += ` ON DELETE ${ACTIONS[constraint.onDelete]}`;
      if (constraint.setColumns !== null && constraint.setColumns.length > 0)
        text += ` (${columns(constraint.setColumns, relation)})`;
      break;
    }
    default:
      return '';
  }
  if (constraint.deferrable) text += ' DEFERRABLE';
  if (constraint.deferred) text += ' INITIALLY DEFERRED';
  if (!constraint.validated) text += ' NOT VALID';
  return text;
}

function checkText(environment: SessionEnvironment, constraint: ConstraintDesc, pretty: boolean): string {
  const place = constraint.domain === 0 ? { relation: constraint.relation } : { domain: constraint.domain };
  return printStored(environment, constraint.checkText ?? '', place, pretty).text;
}

function constraintOf(cx: CallContext, oid: number, pretty: boolean): string | null {
  const environment = sessionOf(cx);
  const constraint = environment.catalog.constraint(oid);
  return constraint === undefined ? null : constraintDefinition(environment, constraint, pretty);
}

/** The wrapped length that gives each column a line of its own. */
const EACH_ITS_LINE = 0;

function viewOf(cx: CallContext, oid: number, pretty: boolean, wrap = EACH_ITS_LINE): string | null {
  const environment = sessionOf(cx);
  const relation = environment.catalog.relation(oid);
  if (relation === undefined) return null;
  const text = viewDefinition(environment, relation, { pretty, wrap });
  return text === null ? 'Not a view' : `${text};`;
}

function viewByName(cx: CallContext, name: string, pretty: boolean): string | null {
  return viewOf(cx, sessionOf(cx).types.catalog.regIn('regclass', name), pretty);
}

/** The expression over a relation; NULL for a relation that is gone. */
function expressionText(cx: CallContext, text: string, relation: number, pretty: boolean): string | null {
  const environment = sessionOf(cx);
  if (relation !== 0 && environment.catalog.relation(relation) === undefined) return null;
  const print = (one: string): string => printStored(environment, one, { relation }, pretty).text;
  return isExpressionList(text) ? parseExpressionList(text).map(print).join(', ') : print(text);
}

/** A rule of a view as a command. */
function ruleOf(cx: CallContext, oid: number, pretty: boolean): string | null {
  const environment = sessionOf(cx);
  const { catalog } = environment;
  const [rule] = catalog.rows('pg_rewrite_oid_index', [oid]);
  const view = rule === undefined ? undefined : catalog.relation(rule.number('ev_class'));
  if (rule === undefined || view === undefined) return null;
  const query = viewDefinition(environment, view, { pretty, wrap: EACH_ITS_LINE });
  const table = relationNameIn(catalog, view, !pretty);
  return query === null
    ? null
    : `CREATE RULE ${quoteIdentifier(rule.text('rulename'))} AS\n    ON SELECT TO ${table} DO INSTEAD ${query};`;
}

export const definitionFunctions: FunctionFamily = contextFunctions({
  pg_get_indexdef: (cx, oid: number) => indexColumnDefinition(cx, oid, 0, false),
  pg_get_indexdef_ext: (cx, oid: number, column: number, pretty: boolean) =>
    indexColumnDefinition(cx, oid, column, pretty),
  pg_get_constraintdef: (cx, oid: number) => constraintOf(cx, oid, false),
  pg_get_constraintdef_ext: (cx, oid: number, pretty: boolean) => constraintOf(cx, oid, pretty),
  pg_get_expr: (cx, text: string, relation: number) => expressionText(cx, text, relation, false),
  pg_get_expr_ext: (cx, text: string, relation: number, pretty: boolean) => expressionText(cx, text, relation, pretty),
  pg_get_viewdef: (cx, oid: number) => viewOf(cx, oid, false),
  pg_get_viewdef_ext: (cx, oid: number, pretty: boolean) => viewOf(cx, oid, pretty),
  pg_get_viewdef_wrap: (cx, oid: number, wrap: number) => viewOf(cx, oid, true, wrap),
  pg_get_viewdef_name: (cx, name: string) => viewByName(cx, name, false),
  pg_get_viewdef_name_ext: (cx, name: string, pretty: boolean) => viewByName(cx, name, pretty),
  pg_get_ruledef: (cx, oid: number) => ruleOf(cx, oid, false),
  pg_get_ruledef_ext: (cx, oid: number, pretty: boolean) => ruleOf(cx, oid, pretty),
  pg_get_triggerdef: (cx, oid: number) => triggerDefinition(sessionOf(cx), oid, false),
  pg_get_triggerdef_ext: (cx, oid: number, pretty: boolean) => triggerDefinition(sessionOf(cx), oid, pretty),
});

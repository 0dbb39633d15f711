/** pg_get_…def: definitions of indexes, constraints, views and expressions as SQL (PostgreSQL's ruleutils). */
import type { CatalogView, ConstraintDesc, IndexDesc, RelationDesc } from '../../catalog/descriptors.js';
import { SqlError } from '../../errors/sql-error.js';
import { BindContext } from '../../sql/binder/bind-context.js';
import { bindStandaloneExpr } from '../../sql/binder/bind-function-call.js';
import { Scope } from '../../sql/binder/scope.js';
import { relationColumns } from '../../sql/binder/table-source.js';
import { rowScope } from '../../sql/binder/write-target.js';
import { viewDefinition } from '../../sql/deparse/view-definition.js';
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import { printExpr } from '../../sql/plan/print-expression.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import { sessionOf } from './session-of.js';

function qualified(view: CatalogView, relation: RelationDesc, always: boolean): string {
  const name = quoteIdentifier(relation.name);
  if (!always && view.relationVisible(relation.oid)) return name;
  return `${quoteIdentifier(view.namespace(relation.namespace)?.name ?? '')}.${name}`;
}

function columnName(relation: RelationDesc | undefined, number: number): string {
  return quoteIdentifier(relation?.attributes[number - 1]?.name ?? '???');
}

/** Expressions need parentheses unless they are function calls. */
function keyText(text: string): string {
  return /^[a-z_][\w.]*\(.*\)$/i.test(text) || /^\(.*\)$/.test(text) ? text : `(${text})`;
}

function indexColumns(view: CatalogView, index: IndexDesc, relation: RelationDesc): string[] {
  let expression = 0;
  return index.attributes.map((number, i) => {
    const base = number === 0 ? keyText(index.expressionTexts[expression++]) : columnName(relation, number);
    if (i >= index.keyColumns) return base;
    const opclass = view.opclass(index.opclasses[i]);
    const type = number === 0 ? (opclass?.inputType ?? 0) : relation.attributes[number - 1].type;
    const byDefault = view.defaultOpclass(type, index.method);
    const shownClass =
      opclass !== undefined && opclass.oid !== byDefault?.oid && number !== 0
        ? ` ${quoteIdentifier(opclass.name)}`
        : '';
    const direction = index.descending[i]
      ? index.nullsFirst[i]
        ? ' DESC'
        : ' DESC NULLS LAST'
      : index.nullsFirst[i]
        ? ' NULLS FIRST'
        : '';
    return base + shownClass + direction;
  });
}

export function indexDefinition(view: CatalogView, index: IndexDesc, qualify = true): string {
  const relation = view.relation(index.relation);
  if (relation === undefined) return '';
  const columns = indexColumns(view, index, relation);
  const keys = columns.slice(0, index.keyColumns).join(', ');
  const included = columns.slice(index.keyColumns);
  return [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}INDEX ${quoteIdentifier(index.name)} ON ${qualified(view, relation, qualify)} USING ${index.method} (${keys})`,
    included.length > 0 ? ` INCLUDE (${included.join(', ')})` : '',
    index.nullsNotDistinct ? ' NULLS NOT DISTINCT' : '',
    index.predicateText === null ? '' : ` WHERE ${index.predicateText}`,
  ].join('');
}

function indexColumnDefinition(cx: CallContext, oid: number, column: number): string | null {
  const { catalog } = sessionOf(cx);
  const index = catalog.index(oid);
  const relation = index === undefined ? undefined : catalog.relation(index.relation);
  if (index === undefined || relation === undefined) return null;
  if (column === 0) return indexDefinition(catalog, index, false);
  let expression = 0;
  for (let i = 0; i < index.attributes.length; i++) {
    const number = index.attributes[i];
    const text = number === 0 ? keyText(index.expressionTexts[expression++]) : columnName(relation, number);
    if (i === column - 1) return text;
  }
  return '';
}

const ACTIONS: Record<string, string> = { a: '', r: 'RESTRICT', c: 'CASCADE', n: 'SET NULL', d: 'SET DEFAULT' };

export function constraintDefinition(view: CatalogView, constraint: ConstraintDesc, pretty: boolean): string {
  const relation = view.relation(constraint.relation);
  const columns = (numbers: readonly number[], of: RelationDesc | undefined): string =>
    numbers.map((number) => columnName(of, number)).join(', ');
  let text = '';
  switch (constraint.kind) {
    case 'c':
      text = `CHECK (${checkText(constraint.checkText ?? '')})${constraint.noInherit ? ' NO INHERIT' : ''}`;
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
      const name = target === undefined ? '' : qualified(view, target, !pretty);
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

/** CHECK takes its condition in parentheses of its own. */
function checkText(text: string): string {
  return /^\(.*\)$/s.test(text) ? text : `(${text})`;
}

function constraintOf(cx: CallContext, oid: number, pretty: boolean): string | null {
  const { catalog } = sessionOf(cx);
  const constraint = catalog.constraint(oid);
  return constraint === undefined ? null : constraintDefinition(catalog, constraint, pretty);
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

/** A stored expression as it reads under the current search path; what is no expression over the relation stays as it is. */
function expressionText(cx: CallContext, text: string, relation: number): string {
  const environment = sessionOf(cx);
  const table = environment.catalog.relation(relation);
  const bind = new BindContext(environment, text, [], false);
  const columns = table === undefined ? [] : relationColumns(bind, table).visible;
  const scope = table === undefined ? new Scope(null) : rowScope(table, columns);
  try {
    const expr = bindStandaloneExpr(bind, text, scope);
    return printExpr(expr, {
      types: environment.types,
      quote: quoteIdentifier,
      column: (id) => {
        const column = columns.find((candidate) => candidate.id === id);
        return column === undefined ? undefined : quoteIdentifier(column.name);
      },
      subplan: () => '(SubPlan)',
    });
  } catch (error) {
    if (error instanceof SqlError) return text;
    throw error;
  }
}

export const definitionFunctions: FunctionFamily = contextFunctions({
  pg_get_indexdef: (cx, oid: number) => {
    const { catalog } = sessionOf(cx);
    const index = catalog.index(oid);
    return index === undefined ? null : indexDefinition(catalog, index);
  },
  pg_get_indexdef_ext: (cx, oid: number, column: number) => indexColumnDefinition(cx, oid, column),
  pg_get_constraintdef: (cx, oid: number) => constraintOf(cx, oid, false),
  pg_get_constraintdef_ext: (cx, oid: number, pretty: boolean) => constraintOf(cx, oid, pretty),
  pg_get_expr: (cx, text: string, relation: number) => expressionText(cx, text, relation),
  pg_get_expr_ext: (cx, text: string, relation: number, pretty: boolean) => {
    const shown = expressionText(cx, text, relation);
    return pretty ? stripParentheses(shown) : shown;
  },
  pg_get_viewdef: (cx, oid: number) => viewOf(cx, oid, false),
  pg_get_viewdef_ext: (cx, oid: number, pretty: boolean) => viewOf(cx, oid, pretty),
  pg_get_viewdef_wrap: (cx, oid: number, wrap: number) => viewOf(cx, oid, true, wrap),
  pg_get_viewdef_name: (cx, name: string) => viewByName(cx, name, false),
  pg_get_viewdef_name_ext: (cx, name: string, pretty: boolean) => viewByName(cx, name, pretty),
  pg_get_ruledef: () => null,
  pg_get_ruledef_ext: () => null,
  pg_get_triggerdef: () => null,
  pg_get_triggerdef_ext: () => null,
  pg_get_statisticsobjdef: () => null,
});

/** Outer parentheses that enclose the whole text are left out in pretty form. */
function stripParentheses(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0 && i < text.length - 1) return text;
  }
  return text.slice(1, -1);
}

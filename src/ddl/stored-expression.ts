/**
 * Expressions that the catalog keeps: defaults, checks, generation and index expressions. They are stored as text that
 * means the same under every search path (types and relations outside of pg_catalog are qualified), together with the
 * objects that they use.
 */
import type { Node } from '@pgsql/types';
import { address, type ObjectAddress } from '../catalog/ddl/dependencies.js';
import type { CatalogView, ProcDesc, RelationDesc } from '../catalog/descriptors.js';
import { formatType } from '../catalog/format-type.js';
import { PG_CATALOG_NAMESPACE } from '../catalog/known-oids.js';
import { regOut } from '../catalog/reg-out.js';
import type { BindContext } from '../sql/binder/bind-context.js';
import { bindStandaloneExpr } from '../sql/binder/bind-function-call.js';
import { binders } from '../sql/binder/binders.js';
import { forbiddenAggregates, Scope, type ScopeColumn } from '../sql/binder/scope.js';
import { relationColumns } from '../sql/binder/table-source.js';
import { rowScope } from '../sql/binder/write-target.js';
import { rewriteExpr, someExpr, walkExpr } from '../sql/plan/expr-children.js';
import type { ColumnId, Expr } from '../sql/plan/expression.js';
import { exprColumns } from '../sql/plan/free-columns.js';
import { printExpr } from '../sql/plan/print-expression.js';
import * as oids from '../types/oids.js';
import { quoteIdentifier, quoteQualified } from '../types/quote-identifier.js';
import type { TypeCatalog, TypeContext, TypeSettings } from '../types/type-context.js';
import type { DdlContext } from './ddl-context.js';
import { findSyntax } from './syntax-walk.js';

/** What an expression is for, as messages call it. */
export interface ExpressionPlace {
  /** `check constraints`: "aggregate functions are not allowed in …". */
  readonly clause: string;
  /** `check constraint`: "cannot use subquery in …". */
  readonly what: string;
}

export const PLACES = {
  default: { clause: 'DEFAULT expressions', what: 'DEFAULT expression' },
  check: { clause: 'check constraints', what: 'check constraint' },
  generated: { clause: 'column generation expressions', what: 'column generation expression' },
  index: { clause: 'index expressions', what: 'index expression' },
  predicate: { clause: 'index predicates', what: 'index predicate' },
  statistics: { clause: 'statistics expressions', what: 'statistics expression' },
  transform: { clause: 'transform expressions', what: 'transform expression' },
} as const;

/** A bound expression over (some) columns of a relation. */
export interface BoundExpression {
  readonly expr: Expr;
  readonly bind: BindContext;
  /** By attribute number - 1, dropped ones included; empty when the expression may use no columns. */
  readonly columns: readonly ScopeColumn[];
}

/** Binds an expression of the statement (or text of the catalog) over the columns of a relation, or over none. */
export function bindOver(
  cx: DdlContext,
  relation: RelationDesc | null,
  source: Node | string,
  place: ExpressionPlace,
): BoundExpression {
  const bind = typeof source === 'string' ? cx.bindContext(source) : cx.bindContext();
  let columns: readonly ScopeColumn[] = [];
  let scope = new Scope(null);
  if (relation !== null) {
    const { all, visible } = relationColumns(bind, relation);
    columns = all;
    scope = rowScope(relation, visible);
  }
  return { expr: bindInScope(bind, scope, source, place), bind, columns };
}

/** Binds in a scope of the caller's, refusing what stored expressions may not hold. */
export function bindInScope(bind: BindContext, scope: Scope, source: Node | string, place: ExpressionPlace): Expr {
  scope.aggregates = forbiddenAggregates(place.clause);
  scope.setReturningForbidden = place.clause;
  scope.clause = place.clause;
  const expr = typeof source === 'string' ? bindStandaloneExpr(bind, source, scope) : binders.expr(bind, scope, source);
  const query = typeof source === 'string' ? undefined : findSyntax(source, 'SubLink');
  if (query !== undefined || someExpr(expr, (part) => part.kind === 'subplan')) {
    throw bind.error('feature_not_supported', `cannot use subquery in ${place.what}`, query?.location);
  }
  return expr;
}

/** Attribute numbers that an expression reads, in order. */
export function attributesRead(expr: Expr, columns: readonly ScopeColumn[]): number[] {
  const ids = exprColumns(expr);
  return columns.flatMap((column, i) => (ids.has(column.id) ? [i + 1] : []));
}

/** Objects that an expression uses: columns of `relation`, functions, types, relations named by regclass constants. */
export function referencesOf(
  cx: DdlContext,
  expr: Expr,
  relation: number,
  columns: readonly ScopeColumn[],
): ObjectAddress[] {
  const view = cx.view();
  const found: ObjectAddress[] = attributesRead(expr, columns).map((number) => address('pg_class', relation, number));
  walkExpr(expr, (part) => {
    if (part.kind === 'function') found.push(address('pg_proc', part.proc.oid));
    if (part.kind === 'function' && part.operator !== null) found.push(address('pg_operator', part.operator.oid));
    if (part.kind === 'const' && part.type === oids.REGCLASS && typeof part.value === 'number') {
      found.push(address('pg_class', part.value));
    }
    const type = view.type(part.type);
    if (type !== undefined) found.push(address('pg_type', type.isArray ? type.element : type.oid));
  });
  return found;
}

/** Whether every function in it gives the same result for ever. */
export function isImmutable(expr: Expr): boolean {
  return !someExpr(
    expr,
    (part) => part.kind === 'sql value' || (part.kind === 'function' && part.proc.volatility !== 'i'),
  );
}

export function isVolatile(expr: Expr): boolean {
  return someExpr(expr, (part) => part.kind === 'function' && part.proc.volatility === 'v');
}

/** The expression as text for the catalog. `nameOf` gives other names to columns; `quoted`: these are SQL text already. */
export function storedText(
  cx: DdlContext,
  expr: Expr,
  nameOf?: (id: ColumnId) => string | undefined,
  quoted = false,
): string {
  return storedTextIn({ catalog: cx.view(), types: cx.exec.types }, expr, nameOf, quoted);
}

/** The same for others than DDL, who compare expressions with what the catalog keeps. */
export function storedTextIn(
  services: CatalogServices,
  expr: Expr,
  nameOf?: (id: ColumnId) => string | undefined,
  quoted = false,
): string {
  const { catalog: view, types } = bare(services);
  const qualified = rewriteExpr(expr, (part) => qualifyCall(view, part));
  return printExpr(qualified, {
    types,
    quote,
    column: (id) => {
      const name = nameOf?.(id);
      return name === undefined || quoted ? name : quote(name);
    },
    subplan: () => {
      throw new Error('stored expressions have no subqueries');
    },
  });
}

/** The catalogs as they look under an empty search path, for texts that hold under every one. */
export function bareServices(cx: DdlContext): CatalogServices {
  return bare({ catalog: cx.view(), types: cx.exec.types });
}

interface CatalogServices {
  readonly catalog: CatalogView;
  readonly types: TypeContext;
}

function bare({ catalog, types }: CatalogServices): CatalogServices {
  const view = bareView(catalog);
  return { catalog: view, types: bareTypes(types, view) };
}

/** Marks names that are SQL text already. */
const READY = '\u0000';
/** The name under which checks of domains see the value. */
export const VALUE_NAME = `${READY}VALUE`;

function quote(name: string): string {
  return name.startsWith(READY) ? name.slice(1) : quoteIdentifier(name);
}

function qualifyCall(view: CatalogView, expr: Expr): Expr {
  if (expr.kind !== 'function' || expr.form !== 'call') return expr;
  const { proc } = expr;
  if (proc.namespace === PG_CATALOG_NAMESPACE) return expr;
  const schema = view.namespace(proc.namespace)?.name ?? null;
  const named: ProcDesc = { ...proc, name: READY + quoteQualified(schema, proc.name) };
  return { ...expr, proc: named };
}

/** The view under an empty search path: only what is in pg_catalog can go without its schema. */
function bareView(view: CatalogView): CatalogView {
  const builtIn = (namespace: number | undefined): boolean => namespace === PG_CATALOG_NAMESPACE;
  const bare: CatalogView = Object.create(view, {
    typeVisible: { value: (oid: number) => builtIn(view.type(oid)?.namespace) },
    relationVisible: { value: (oid: number) => builtIn(view.relation(oid)?.namespace) },
    procVisible: { value: (oid: number) => builtIn(view.proc(oid)?.namespace) },
    operatorVisible: { value: (oid: number) => builtIn(view.operator(oid)?.namespace) },
  });
  return bare;
}

const ISO_SETTINGS: TypeSettings = {
  dateStyle: 'ISO',
  dateOrder: 'YMD',
  intervalStyle: 'postgres',
  timeZone: 'UTC',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
};

function bareTypes(types: TypeContext, view: CatalogView): TypeContext {
  const catalog: TypeCatalog = Object.create(types.catalog, {
    formatType: { value: (type: number, typmod: number) => formatType(view, type, typmod) },
    regOut: { value: (kind: Parameters<TypeCatalog['regOut']>[0], oid: number) => regOut(view, kind, oid) },
  });
  const bare: TypeContext = Object.create(types, { catalog: { value: catalog }, settings: { value: ISO_SETTINGS } });
  return bare;
}

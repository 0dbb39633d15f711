/**
 * Expressions that the catalog keeps, as they read under the current search path: bound over the columns of their relation,
 * or over VALUE of their domain, and printed in PostgreSQL's layout, plain or pretty.
 */
import { SqlError } from '../../errors/sql-error.js';
import { BindContext } from '../../sql/binder/bind-context.js';
import { bindStandaloneExpr } from '../../sql/binder/bind-function-call.js';
import { Scope } from '../../sql/binder/scope.js';
import { relationColumns } from '../../sql/binder/table-source.js';
import { triggerNames, triggerScope } from '../../sql/binder/trigger-scope.js';
import { rowScope } from '../../sql/binder/write-target.js';
import { functionNameIn } from '../../sql/deparse/object-names.js';
import { finish, Sheet } from '../../sql/deparse/sheet.js';
import { makeColumn } from '../../sql/plan/column-expr.js';
import type { Expr } from '../../sql/plan/expression.js';
import { printExpr } from '../../sql/plan/print-expression.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import type { SessionEnvironment } from '../session-environment.js';

export interface StoredPrint {
  readonly text: string;
  /** Null where the text is no expression over the relation. */
  readonly expr: Expr | null;
}

/** What an expression is about: a relation (0: nothing), or the value of a domain. */
export type StoredPlace =
  | { readonly relation: number }
  | { readonly domain: number }
  /** The old and the new row of a trigger's relation. */
  | { readonly trigger: number };

export function printStored(
  environment: SessionEnvironment,
  text: string,
  place: StoredPlace,
  pretty: boolean,
  lines: 'several' | 'one' = 'several',
): StoredPrint {
  const bind = new BindContext(environment, text, [], false);
  bind.keepsCasts = true;
  const names = new Map<number, string>();
  const scope = scopeOf(bind, place, names);
  try {
    const expr = bindStandaloneExpr(bind, text, scope);
    const printed = printExpr(expr, {
      types: environment.types,
      quote: quoteIdentifier,
      pretty,
      ...(lines === 'one' ? {} : { layout: new Sheet() }),
      column: (id) => names.get(id),
      functionName: (proc) => functionNameIn(environment.catalog, proc),
      subplan: () => '(SubPlan)',
    });
    return { text: finish(printed), expr };
  } catch (error) {
    if (error instanceof SqlError) return { text, expr: null };
    throw error;
  }
}

function scopeOf(bind: BindContext, place: StoredPlace, names: Map<number, string>): Scope {
  if ('domain' in place) return domainScope(bind, place.domain, names);
  if ('relation' in place) return relationScope(bind, place.relation, names);
  const relation = bind.catalog.relation(place.trigger);
  if (relation === undefined) return new Scope(null);
  const rows = triggerScope(bind, relation);
  for (const [id, name] of triggerNames(rows, quoteIdentifier)) names.set(id, name);
  return rows.scope;
}

function relationScope(bind: BindContext, oid: number, names: Map<number, string>): Scope {
  const relation = bind.catalog.relation(oid);
  if (relation === undefined) return new Scope(null);
  const columns = relationColumns(bind, relation).visible;
  for (const { id, name } of columns) names.set(id, quoteIdentifier(name));
  return rowScope(relation, columns);
}

function domainScope(bind: BindContext, oid: number, names: Map<number, string>): Scope {
  const type = bind.catalog.type(oid);
  const id = bind.newColumn('value');
  names.set(id, 'VALUE');
  const value = makeColumn(id, 'VALUE', {
    type: type?.baseType ?? 0,
    typmod: type?.typmod ?? -1,
    collation: type?.collation ?? 0,
  });
  const scope = new Scope(null);
  scope.lookupParameter = (name) => (name === 'value' ? value : undefined);
  return scope;
}

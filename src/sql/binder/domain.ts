/** Coercion to domains: the base value, checked by NOT NULL and the CHECK constraints of every level. */
import type { TypeDesc } from '../../catalog/descriptors.js';
import { makeColumn } from '../plan/column-expr.js';
import type { CoerceToDomainExpr, Expr } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';

/** How the checks of a domain are bound; bind-expression installs itself here, because checks are expressions. */
export type DomainCheckBinder = (
  cx: BindContext,
  domain: TypeDesc,
  value: Expr & { kind: 'column' },
) => CoerceToDomainExpr['checks'];

let bindChecks: DomainCheckBinder | null = null;

export function installDomainCheckBinder(binder: DomainCheckBinder): void {
  bindChecks = binder;
}

/** `expr` has the domain's base type and typmod already. */
export function coerceToDomain(cx: BindContext, expr: Expr, domain: TypeDesc, location: number): Expr {
  if (bindChecks === null) throw new Error('no binder for domain checks is installed');
  const parent = cx.catalog.type(domain.baseType);
  const arg = parent?.kind === 'd' ? coerceToDomain(cx, expr, parent, location) : expr;
  const valueColumn = cx.newColumn('value');
  const value = makeColumn(valueColumn, 'value', { ...arg, collation: domain.collation });
  return {
    kind: 'coerce to domain',
    arg,
    domainName: domain.name,
    notNull: domain.notNull,
    valueColumn,
    checks: bindChecks(cx, domain, value),
    type: domain.oid,
    typmod: -1,
    collation: domain.collation,
    location,
  };
}

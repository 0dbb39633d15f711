/**
 * OIDs of catalog objects as text: what regclass, regproc, regtype and their kin show. The schema appears only where
 * the name alone would not find the object; an OID without an object is shown in digits.
 */

import { quoteIdentifier, quoteQualified } from '../types/quote-identifier.js';
import type { RegKind } from '../types/type-context.js';
import type { CatalogView, OperatorDesc, ProcDesc } from './descriptors.js';
import { formatType } from './format-type.js';

export function regOut(view: CatalogView, kind: RegKind, oid: number): string {
  if (oid === 0) return kind === 'regoper' || kind === 'regoperator' ? '0' : '-';
  return nameOf(view, kind, oid) ?? String(oid);
}

function nameOf(view: CatalogView, kind: RegKind, oid: number): string | undefined {
  switch (kind) {
    case 'regclass':
      return relationName(view, oid);
    case 'regtype':
      return view.type(oid) === undefined ? undefined : formatType(view, oid, null);
    case 'regproc':
      return procName(view, oid);
    case 'regprocedure': {
      const proc = view.proc(oid);
      return proc === undefined ? undefined : procedureSignature(view, proc);
    }
    case 'regoper':
      return operatorName(view, oid);
    case 'regoperator': {
      const operator = view.operator(oid);
      return operator === undefined ? undefined : operatorSignature(view, operator);
    }
    case 'regnamespace': {
      const name = view.namespace(oid)?.name;
      return name === undefined ? undefined : quoteIdentifier(name);
    }
    case 'regrole': {
      const name = view.role(oid)?.name;
      return name === undefined ? undefined : quoteIdentifier(name);
    }
    case 'regcollation':
      return collationName(view, oid);
    case 'regconfig':
      return textSearchName(view, 'pg_ts_config_oid_index', 'cfg', oid);
    case 'regdictionary':
      return textSearchName(view, 'pg_ts_dict_oid_index', 'dict', oid);
  }
}

function schemaName(view: CatalogView, namespace: number): string {
  return view.namespace(namespace)?.name ?? '';
}

/** The name of a relation, qualified unless the search path finds it. */
export function relationName(view: CatalogView, oid: number): string | undefined {
  const relation = view.relation(oid);
  if (relation === undefined) return undefined;
  return quoteQualified(view.relationVisible(oid) ? null : schemaName(view, relation.namespace), relation.name);
}

/** Unqualified only where the bare name means exactly this function. */
function procName(view: CatalogView, oid: number): string | undefined {
  const proc = view.proc(oid);
  if (proc === undefined) return undefined;
  const candidates = view.procsByName(proc.name, null);
  const plain = candidates.length === 1 && candidates[0].oid === oid;
  return quoteQualified(plain ? null : schemaName(view, proc.namespace), proc.name);
}

/** `name(type,type)`, as regprocedure shows it. */
export function procedureSignature(view: CatalogView, proc: ProcDesc): string {
  const schema = view.procVisible(proc.oid) ? null : schemaName(view, proc.namespace);
  return `${quoteQualified(schema, proc.name)}(${proc.argTypes.map((type) => formatType(view, type, null)).join(',')})`;
}

function operatorName(view: CatalogView, oid: number): string | undefined {
  const operator = view.operator(oid);
  if (operator === undefined) return undefined;
  const candidates = view.operatorsByName(operator.name, null);
  if (candidates.length === 1 && candidates[0].oid === oid) return operator.name;
  return `${quoteIdentifier(schemaName(view, operator.namespace))}.${operator.name}`;
}

/** `+(integer,integer)`; the missing operand of a prefix operator is NONE. */
export function operatorSignature(view: CatalogView, operator: OperatorDesc): string {
  const schema = view.operatorVisible(operator.oid) ? '' : `${quoteIdentifier(schemaName(view, operator.namespace))}.`;
  const left = operator.left === 0 ? 'NONE' : formatType(view, operator.left, null);
  return `${schema}${operator.name}(${left},${formatType(view, operator.right, null)})`;
}

function collationName(view: CatalogView, oid: number): string | undefined {
  const row = view.rows('pg_collation_oid_index', [oid])[0];
  if (row === undefined) return undefined;
  const name = row.text('collname');
  const visible = view.collationByName(name, null) === oid;
  return quoteQualified(visible ? null : schemaName(view, row.number('collnamespace')), name);
}

function textSearchName(view: CatalogView, index: string, prefix: string, oid: number): string | undefined {
  const row = view.rows(index, [oid])[0];
  if (row === undefined) return undefined;
  const namespace = row.number(`${prefix}namespace`);
  const visible = view.searchPath.includes(namespace);
  return quoteQualified(visible ? null : schemaName(view, namespace), row.text(`${prefix}name`));
}

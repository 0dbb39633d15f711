/** Names of relations and functions in definitions: with their schema where the search path does not find them. */
import type { CatalogView, ProcDesc } from '../../catalog/descriptors.js';
import { quoteIdentifier, quoteQualified } from '../../types/quote-identifier.js';

interface Named {
  readonly oid: number;
  readonly name: string;
  readonly namespace: number;
}

export function relationNameIn(catalog: CatalogView, relation: Named, always = false): string {
  return !always && catalog.relationVisible(relation.oid)
    ? quoteIdentifier(relation.name)
    : qualified(catalog, relation);
}

export function functionNameIn(catalog: CatalogView, proc: ProcDesc): string {
  return catalog.procVisible(proc.oid) ? quoteIdentifier(proc.name) : qualified(catalog, proc);
}

function qualified(catalog: CatalogView, object: Named): string {
  return quoteQualified(catalog.namespace(object.namespace)?.name ?? null, object.name);
}

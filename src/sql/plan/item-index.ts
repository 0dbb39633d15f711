/** Which gin indexes have entries. The others are in the catalogs only, and nothing reads or writes them. */
import type { CatalogView, IndexDesc } from '../../catalog/descriptors.js';

const CLASSES: ReadonlySet<string> = new Set(['array_ops', 'jsonb_ops', 'jsonb_path_ops']);

/** Whether it is a gin index all of whose operator classes are served. */
export function isItemIndex(catalog: CatalogView, index: IndexDesc): boolean {
  return (
    index.method === 'gin' &&
    index.opclasses.slice(0, index.keyColumns).every((oid) => CLASSES.has(catalog.opclass(oid)?.name ?? ''))
  );
}

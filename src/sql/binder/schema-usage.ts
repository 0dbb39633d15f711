/** Schemas that a statement names: looking into one takes USAGE. Texts of the catalog name what they have found before. */
import { permissionDenied } from '../../catalog/acl/access-errors.js';
import { schemaRights } from '../../catalog/acl/rights.js';
import { PRIVILEGE } from '../../types/acl/acl-item.js';
import type { BindContext } from './bind-context.js';

/** @throws SqlError 42501 with the position of the name, where there is one */
export function requireUsage(cx: BindContext, schema: number, location?: number): void {
  if (cx.isStored) return;
  const { catalog, services } = cx;
  const name = catalog.namespace(schema)?.name ?? '';
  if (name.startsWith('pg_temp_')) return;
  const rights = schemaRights(catalog, services.currentRole, schema);
  if (rights === undefined || (rights.privileges & PRIVILEGE.USAGE) !== 0) return;
  throw permissionDenied('schema', name).at(cx.position(location));
}

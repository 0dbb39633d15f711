/** The operator classes of an index's columns, by its description. */
import type { IndexDesc } from '../../catalog/descriptors.js';
import type { ExecServices } from '../exec-context.js';
import { type GinOpclass, ginOpclass } from './gin-opclass.js';

/** `types`: those of the columns. @throws SqlError 0A000 */
export function opclassesOf(services: ExecServices, index: IndexDesc, types: readonly number[]): GinOpclass[] {
  return types.map((type, i) => {
    const name = services.catalog.opclass(index.opclasses[i])?.name ?? '';
    const element = elementOf(services, type);
    return ginOpclass(name, element === 0 ? null : services.types.codec(element));
  });
}

/** The element type of an array type or of a domain over one; 0 for others. */
function elementOf({ catalog }: ExecServices, type: number): number {
  let desc = catalog.type(type);
  while (desc?.kind === 'd') desc = catalog.type(desc.baseType);
  return desc?.isArray === true ? desc.element : 0;
}

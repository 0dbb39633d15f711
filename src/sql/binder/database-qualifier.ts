/** Names may begin with the name of the database, if it is the current one. */
import type { BindContext } from './bind-context.js';

/**
 * Refuses `database.schema.name` of another database. `shown` is the whole name in the error, if it is more than the parts.
 * @throws SqlError 0A000, 42601 for more than three parts
 */
export function refuseOtherDatabase(
  cx: BindContext,
  parts: readonly string[],
  location: number | undefined,
  shown = parts.join('.'),
): void {
  if (parts.length > 3)
    throw cx.error('syntax_error', `improper qualified name (too many dotted names): ${shown}`, location);
  if (parts.length === 3 && parts[0] !== cx.services.database)
    throw cx.error('feature_not_supported', `cross-database references are not implemented: ${shown}`, location);
}

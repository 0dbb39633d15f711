/** Which index a table is clustered on. The server stores rows where it likes; the mark is kept for tools that ask for it. */
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';

/** `name` undefined: on none. Throws 42704 for an index that the table does not have, 0A000 for one that has no order. */
export function* markClustered(cx: DdlContext, table: RelationDesc, name: string | undefined): Task<void> {
  const chosen = name === undefined ? undefined : table.indexes.find((index) => index.name === name);
  if (name !== undefined && chosen === undefined)
    throw sqlError('undefined_object', `index "${name}" for table "${table.name}" does not exist`);
  if (chosen !== undefined && chosen.method !== 'btree')
    throw sqlError(
      'feature_not_supported',
      `cannot cluster on index "${name}" because access method does not support clustering`,
    );
  if (chosen !== undefined && chosen.predicateText !== null)
    throw sqlError('feature_not_supported', `cannot cluster on partial index "${name}"`);
  for (const index of table.indexes) {
    const row = cx.writer.findOne('pg_index_indexrelid_index', [index.oid]);
    const marked = index === chosen;
    if (row !== undefined && row.boolean('indisclustered') !== marked)
      yield* cx.writer.update(row, { indisclustered: marked });
  }
}

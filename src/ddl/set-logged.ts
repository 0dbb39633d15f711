/** ALTER TABLE … SET LOGGED and UNLOGGED. Here both kinds are logged: what counts is what the catalog says. */
import { updateRelation } from '../catalog/ddl/alter-relation.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';

/** @throws SqlError 42P16 for temporary tables, and where a logged table would come to refer to one that is not */
export function* setLogged(cx: DdlContext, relation: RelationDesc, logged: boolean): Task<void> {
  const { name, oid } = relation;
  if (relation.persistence === 't')
    throw sqlError(
      'invalid_table_definition',
      `cannot change logged status of table "${name}" because it is temporary`,
    );
  const persistence = logged ? 'p' : 'u';
  if (relation.persistence === persistence) return;
  const others = logged
    ? relation.constraints.filter(({ kind }) => kind === 'f').map(({ foreignRelation }) => foreignRelation)
    : relation.referencedBy.map((constraint) => constraint.relation);
  for (const other of others) {
    const found = other === oid ? undefined : cx.view().relation(other);
    if (found === undefined || found.persistence === persistence) continue;
    const [to, from] = logged ? ['logged', 'unlogged'] : ['unlogged', 'logged'];
    throw sqlError(
      'invalid_table_definition',
      `could not change table "${name}" to ${to} because it references ${from} table "${found.name}"`,
    );
  }
  yield* updateRelation(cx.writer, oid, { relpersistence: persistence });
}

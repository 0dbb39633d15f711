/**
 * The query of a view or materialized view: its _RETURN rule.
 */
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import {
  address,
  forgetDependencies,
  type ObjectAddress,
  recordDependencies,
  recordDependency,
} from './dependencies.js';

const RETURN_RULE = '_RETURN';

/**
 * Sets the query's text, replacing an earlier one (CREATE OR REPLACE VIEW). `references`: relations, columns, functions
 * and so on that the query uses.
 */
export function* setViewQuery(
  writer: CatalogWriter,
  relation: number,
  query: string,
  references: readonly ObjectAddress[],
): Task<void> {
  const rule = writer.findOne('pg_rewrite_rel_rulename_index', [relation, RETURN_RULE]);
  const oid = rule?.number('oid') ?? writer.allocateOid();
  const self = address('pg_rewrite', oid);
  if (rule === undefined) {
    yield* writer.insert('pg_rewrite', {
      oid,
      rulename: RETURN_RULE,
      ev_class: relation,
      ev_type: '1',
      ev_enabled: 'O',
      is_instead: true,
      ev_qual: '<>',
      ev_action: query,
    });
    const row = writer.findOne('pg_class_oid_index', [relation]);
    if (row !== undefined) yield* writer.update(row, { relhasrules: true });
  } else {
    yield* writer.update(rule, { ev_action: query });
    yield* forgetDependencies(writer, self);
  }
  yield* recordDependency(writer, self, address('pg_class', relation), 'i');
  yield* recordDependencies(writer, self, references, 'n');
}

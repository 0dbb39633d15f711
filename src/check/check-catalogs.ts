/** The catalogs: every relation can be read with its columns, indexes and constraints, and nothing refers to nothing. */
import type { RelationDesc } from '../catalog/descriptors.js';
import { SystemRow } from '../catalog/system-row.js';
import type { CheckContext } from './check-database.js';

/** Columns of system tables that name a relation; zero stands for none. */
const REFERENCES: readonly [table: string, column: string][] = [
  ['pg_attribute', 'attrelid'],
  ['pg_attrdef', 'adrelid'],
  ['pg_index', 'indexrelid'],
  ['pg_index', 'indrelid'],
  ['pg_constraint', 'conrelid'],
  ['pg_constraint', 'confrelid'],
  ['pg_constraint', 'conindid'],
  ['pg_type', 'typrelid'],
];

/** All relations whose rows in the catalogs make sense. */
export function checkCatalogs(cx: CheckContext): RelationDesc[] {
  const known = new Set<number>();
  const good: RelationDesc[] = [];
  for (const row of systemRows(cx, 'pg_class')) {
    const oid = row.number('oid');
    known.add(oid);
    const relation = readRelation(cx, row, oid);
    if (relation !== null) good.push(relation);
  }
  for (const [table, column] of REFERENCES) {
    for (const row of systemRows(cx, table)) {
      const oid = row.number(column);
      if (oid !== 0 && !known.has(oid))
        cx.report.faults.push(`${table}: a row has ${column} ${oid}, and there is no such relation`);
    }
  }
  return good;
}

function systemRows({ catalog, transaction }: CheckContext, name: string): SystemRow[] {
  const table = catalog.tables.table(name);
  return catalog.access.scan(transaction, table).map(({ row }) => new SystemRow(table, row));
}

function readRelation(cx: CheckContext, row: SystemRow, oid: number): RelationDesc | null {
  const { view, report } = cx;
  const name = row.text('relname');
  try {
    const relation = view.relation(oid);
    if (relation === undefined) throw new Error('its row cannot be found by its OID');
    if (view.namespace(relation.namespace) === undefined) throw new Error('its schema does not exist');
    if (relation.attributes.length !== row.number('relnatts'))
      throw new Error(`it has ${relation.attributes.length} columns of ${row.number('relnatts')}`);
    for (const { name: column, type, dropped } of relation.attributes) {
      if (!dropped && view.type(type) === undefined)
        throw new Error(`the type ${type} of column "${column}" does not exist`);
    }
    return relation;
  } catch (error) {
    report.faults.push(`relation "${name}" (${oid}): ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

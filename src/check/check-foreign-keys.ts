/** Every row that refers to another must find it, by the index of the key that the constraint names. */
import type { ConstraintDesc, RelationDesc } from '../catalog/descriptors.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { type CheckContext, type CheckedTable, eachRow } from './check-database.js';
import { indexKeyOf } from './check-index.js';

const MAX_TOLD = 10;

export function* checkForeignKeys(cx: CheckContext, table: CheckedTable): Task<void> {
  for (const constraint of table.relation.constraints) {
    if (constraint.kind !== 'f' || !constraint.validated) continue;
    const what = `foreign key "${constraint.name}" of table "${table.relation.name}"`;
    const parent = cx.view.relation(constraint.foreignRelation);
    const index = parent?.indexes.find(({ oid }) => oid === constraint.index);
    if (parent === undefined || index === undefined) {
      cx.report.faults.push(`${what}: the key that it refers to does not exist`);
      continue;
    }
    const keyOf = indexKeyOf(cx, parent, index);
    if (keyOf === null || !sameTypes(table.relation, parent, constraint)) {
      cx.report.notes.push(`${what}: not checked, its columns have other types than the key`);
      continue;
    }
    yield* checkReferences(cx, table, constraint, (row) => keyOf(parentKey(parent, constraint, row)), index.storage);
  }
}

function sameTypes(child: RelationDesc, parent: RelationDesc, { key, foreignKey }: ConstraintDesc): boolean {
  return key.every((n, i) => child.attributes[n - 1].type === parent.attributes[foreignKey[i] - 1].type);
}

/** A row of the parent that has only the referenced columns. */
function parentKey(parent: RelationDesc, { key, foreignKey }: ConstraintDesc, child: Row): Row {
  const row: Row = new Array<Datum>(parent.attributes.length).fill(null);
  foreignKey.forEach((n, i) => {
    row[n - 1] = child[key[i] - 1];
  });
  return row;
}

function* checkReferences(
  cx: CheckContext,
  { relation, heap }: CheckedTable,
  { name, key }: ConstraintDesc,
  keyOf: (row: Row) => string,
  storage: number,
): Task<void> {
  const index = cx.store.index(storage);
  const snapshot = cx.transaction.latest();
  let missing = 0;
  yield* eachRow(cx, heap, function* (row, rowId) {
    if (key.some((n) => row[n - 1] === null)) return;
    const wanted = keyOf(row);
    let found = index.tryGet(snapshot, wanted);
    if (found < 0) {
      const scan = index.scan(snapshot, { lo: wanted, hi: `${wanted}\0` }, false);
      found = 0;
      for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) found += batch.length;
      scan.close();
    }
    if (found === 0 && missing++ < MAX_TOLD)
      cx.report.faults.push(`foreign key "${name}" of table "${relation.name}": row ${rowId} refers to nothing`);
  });
}

/**
 * An index against its table and back: every entry must lead to a row with that key, and there must be as many entries
 * as rows; so no row is without its entry. In a unique index, no key without NULLs occurs twice.
 */
import type { IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import { keyPartOf } from '../exec/index-key-part.js';
import type { Heap } from '../storage/api.js';
import type { Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { Task } from '../util/task.js';
import type { CheckContext, CheckedTable } from './check-database.js';

/** Messages about one index; the rest is counted. */
const MAX_TOLD = 10;

type KeyOf = (row: Row) => string;

function codecOf(cx: CheckContext, relation: RelationDesc, attribute: number): TypeCodec {
  const { type, name } = relation.attributes[attribute - 1];
  const codec = cx.view.type(type)?.codec;
  if (codec === undefined) throw new Error(`column "${name}" has type ${type}, which is not known`);
  return codec;
}

/** Null when the key is made of expressions. */
export function indexKeyOf(cx: CheckContext, relation: RelationDesc, index: IndexDesc): KeyOf | null {
  const table = cx.catalog.tables.tableByOid(relation.oid);
  const system = table?.indexes.find(({ oid }) => oid === index.oid);
  if (system !== undefined) return (row) => cx.catalog.access.keyOfRow(system, row);
  const attributes = index.attributes.slice(0, index.keyColumns);
  if (attributes.includes(0)) return null;
  const codecs = attributes.map((attribute) => codecOf(cx, relation, attribute));
  return (row) =>
    attributes
      .map((number, i) => keyPartOf(row[number - 1], codecs[i], index.descending[i], index.nullsFirst[i]))
      .join('');
}

/** A prepared transaction may have stored entries before its end. */
function isPrepared({ store }: CheckContext, heap: Heap, rowId: number): boolean {
  for (const transaction of store.twoPhase.transactions()) if (transaction.hasWritten(heap.id, rowId)) return true;
  return false;
}

export function* checkIndex(cx: CheckContext, table: CheckedTable, index: IndexDesc): Task<void> {
  const { relation, heap, rowCount } = table;
  const { faults, notes } = cx.report;
  if (index.method !== 'btree') return;
  const keyOf = indexKeyOf(cx, relation, index);
  if (keyOf === null) notes.push(`index "${index.name}": keys of expressions were not computed`);
  const what = `index "${index.name}" of table "${relation.name}"`;
  const keyColumns = index.attributes.slice(0, index.keyColumns);
  let count = 0;
  let wrong = 0;
  let previous: string | null = null;
  const tell = (message: string): void => {
    if (wrong++ < MAX_TOLD) faults.push(`${what}: ${message}`);
  };
  const snapshot = cx.transaction.latest();
  const scan = cx.store.index(index.storage).scan(snapshot, { lo: null, hi: null }, false);
  try {
    for (let batch = yield* scan.next(); batch !== null; batch = yield* scan.next()) {
      const keys = batch.keys.slice(0, batch.length);
      const rowIds = batch.rowIds.slice(0, batch.length);
      for (let i = 0; i < keys.length; i++) {
        const row = yield* heap.fetch(snapshot, rowIds[i]);
        if (row === null && isPrepared(cx, heap, rowIds[i])) continue;
        count++;
        if (row === null) tell(`an entry leads to row ${rowIds[i]}, which does not exist`);
        else if (keyOf !== null && keyOf(row) !== keys[i])
          tell(`an entry of row ${rowIds[i]} has another key than the row`);
        const isDistinct =
          row === null || (!index.nullsNotDistinct && keyColumns.some((n) => n > 0 && row[n - 1] === null));
        if (index.unique && keyOf !== null && !isDistinct && keys[i] === previous)
          tell(`the key of row ${rowIds[i]} occurs twice`);
        previous = keys[i];
      }
    }
  } finally {
    scan.close();
  }
  if (wrong > MAX_TOLD) faults.push(`${what}: ${wrong - MAX_TOLD} more faults`);
  if (index.predicateText === null ? count !== rowCount : count > rowCount)
    faults.push(`${what} has ${count} entries for ${rowCount} rows`);
}

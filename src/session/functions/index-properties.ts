/** What access methods, indexes and their columns can do: pg_indexam_has_property and its relatives. */
import type { IndexDesc } from '../../catalog/descriptors.js';
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import { sessionOf } from './session-of.js';

type Property =
  | 'can_order'
  | 'can_unique'
  | 'can_multi_col'
  | 'can_include'
  | 'clusterable'
  | 'index_scan'
  | 'bitmap_scan'
  | 'backward_scan'
  | 'distance_orderable'
  | 'returnable'
  | 'search_array'
  | 'search_nulls';

const scans: readonly Property[] = ['index_scan', 'bitmap_scan'];

/** Properties that each access method has. `distance_orderable` and `returnable` stand for "it depends on the operator class". */
const METHODS: Readonly<Record<string, ReadonlySet<Property>>> = {
  btree: new Set([
    ...scans,
    'can_order',
    'can_unique',
    'can_multi_col',
    'can_include',
    'clusterable',
    'backward_scan',
    'returnable',
    'search_array',
    'search_nulls',
  ]),
  hash: new Set([...scans, 'backward_scan']),
  gist: new Set([
    ...scans,
    'can_multi_col',
    'can_include',
    'clusterable',
    'distance_orderable',
    'returnable',
    'search_nulls',
  ]),
  spgist: new Set([...scans, 'can_include', 'backward_scan', 'distance_orderable', 'returnable', 'search_nulls']),
  gin: new Set(['bitmap_scan', 'can_multi_col']),
  brin: new Set(['bitmap_scan', 'can_multi_col', 'search_nulls']),
};

const OF_METHODS = new Set(['can_order', 'can_unique', 'can_multi_col', 'can_include']);
const OF_INDEXES = new Set(['clusterable', 'index_scan', 'bitmap_scan', 'backward_scan']);

const has = (method: string, property: string): boolean =>
  [...(METHODS[method] ?? [])].some((known) => known === property);

/** Null: no such method, or no property of a method. */
function ofMethod(cx: CallContext, method: number, property: string): boolean | null {
  const name = sessionOf(cx).catalog.rows('pg_am_oid_index', [method])[0]?.text('amname') ?? '';
  if (METHODS[name] === undefined) return null;
  const wanted = property.toLowerCase();
  if (wanted === 'can_exclude') return has(name, 'index_scan');
  return OF_METHODS.has(wanted) ? has(name, wanted) : null;
}

function ofIndex(cx: CallContext, index: number, property: string): boolean | null {
  const desc = sessionOf(cx).catalog.index(index);
  const wanted = property.toLowerCase();
  return desc === undefined || !OF_INDEXES.has(wanted) ? null : has(desc.method, wanted);
}

function ofColumn(cx: CallContext, index: number, column: number, property: string): boolean | null {
  const desc = sessionOf(cx).catalog.index(index);
  if (desc === undefined || column < 1 || column > desc.attributes.length) return null;
  return columnProperty(desc, column - 1, property.toLowerCase());
}

function columnProperty(index: IndexDesc, column: number, property: string): boolean | null {
  const isKey = column < index.keyColumns;
  const ordered = has(index.method, 'can_order');
  switch (property) {
    case 'asc':
      return isKey ? ordered && !index.descending[column] : null;
    case 'desc':
      return isKey ? ordered && index.descending[column] : null;
    case 'nulls_first':
      return isKey ? ordered && index.nullsFirst[column] : null;
    case 'nulls_last':
      return isKey ? ordered && !index.nullsFirst[column] : null;
    case 'orderable':
      return isKey && ordered;
    case 'distance_orderable':
      return isKey && has(index.method, property) ? null : false;
    case 'returnable':
      return has(index.method, property);
    case 'search_array':
    case 'search_nulls':
      return isKey ? has(index.method, property) : null;
    default:
      return null;
  }
}

export const indexPropertyFunctions: FunctionFamily = contextFunctions({
  pg_indexam_has_property: ofMethod,
  pg_index_has_property: ofIndex,
  pg_index_column_has_property: ofColumn,
});

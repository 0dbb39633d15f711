/** pg_get_statisticsobjdef… and what else SQL asks about statistics objects. */
import { statisticsVisible } from '../../catalog/ddl/object-description.js';
import { parseExpressionList } from '../../catalog/expression-list.js';
import type { SystemRow } from '../../catalog/system-row.js';
import { relationNameIn } from '../../sql/deparse/object-names.js';
import {
  type CallContext,
  contextFunctions,
  type FunctionFamily,
  joinFamilies,
  setFunctions,
} from '../../sql/functions/registry.js';
import { type Datum, PgArray, PgRecord, type Row } from '../../types/datum.js';
import { BOOL, TEXT } from '../../types/oids.js';
import { quoteIdentifier, quoteQualified } from '../../types/quote-identifier.js';
import { isCall } from './definition-functions.js';
import { sessionOf } from './session-of.js';
import { printStored } from './stored-printing.js';

const KINDS: readonly (readonly [letter: string, name: string])[] = [
  ['d', 'ndistinct'],
  ['f', 'dependencies'],
  ['m', 'mcv'],
];

function rowOf(cx: CallContext, oid: number): SystemRow | undefined {
  return sessionOf(cx).catalog.rows('pg_statistic_ext_oid_index', [oid])[0];
}

function expressionTexts(row: SystemRow): readonly string[] {
  const list = row.textOrNull('stxexprs');
  return list === null ? [] : parseExpressionList(list);
}

/** Columns in their order, then expressions, each in parentheses unless it is a call. */
function columnsOf(cx: CallContext, row: SystemRow): string {
  const environment = sessionOf(cx);
  const relation = row.number('stxrelid');
  const attributes = environment.catalog.relation(relation)?.attributes ?? [];
  const columns = row.numbers('stxkeys').map((number) => quoteIdentifier(attributes[number - 1]?.name ?? '???'));
  const expressions = expressionTexts(row).map((text) => {
    const printed = printStored(environment, text, { relation }, true, 'one');
    return isCall(printed.expr) ? printed.text : `(${printed.text})`;
  });
  return [...columns, ...expressions].join(', ');
}

function definition(cx: CallContext, row: SystemRow): string {
  const { catalog } = sessionOf(cx);
  const schema = catalog.namespace(row.number('stxnamespace'))?.name ?? null;
  const relation = catalog.relation(row.number('stxrelid'));
  const has = row.texts('stxkind');
  const wanted = KINDS.flatMap(([letter, name]) => (has.includes(letter) ? [name] : []));
  // All of them are what no list says; a single expression has none.
  const list = wanted.length === KINDS.length || wanted.length === 0 ? '' : ` (${wanted.join(', ')})`;
  const table = relation === undefined ? '' : relationNameIn(catalog, relation, false);
  return `CREATE STATISTICS ${quoteQualified(schema, row.text('stxname'))}${list} ON ${columnsOf(cx, row)} FROM ${table}`;
}

const definitions = contextFunctions({
  pg_get_statisticsobjdef: (cx, oid: number) => {
    const row = rowOf(cx, oid);
    return row === undefined ? null : definition(cx, row);
  },
  pg_get_statisticsobjdef_columns: (cx, oid: number) => {
    const row = rowOf(cx, oid);
    return row === undefined ? null : columnsOf(cx, row);
  },
  pg_get_statisticsobjdef_expressions: (cx, oid: number) => {
    const row = rowOf(cx, oid);
    const texts = row === undefined ? [] : expressionTexts(row);
    if (row === undefined || texts.length === 0) return null;
    const relation = row.number('stxrelid');
    const printed = texts.map((text) => printStored(sessionOf(cx), text, { relation }, false).text);
    return PgArray.of(TEXT, printed);
  },
  pg_statistics_obj_is_visible: (cx, oid: number) => {
    const row = rowOf(cx, oid);
    return row === undefined ? null : statisticsVisible(sessionOf(cx).catalog, row);
  },
});

/** The entries of a list of common combinations: position, values as text, which are NULL, and the frequencies. */
function mcvItems(cx: CallContext, list: Datum): Row[] {
  if (!(list instanceof PgRecord)) return [];
  const { types } = sessionOf(cx);
  const [frequencies, baseFrequencies, , ...columns] = list.values.map((value) =>
    value instanceof PgArray ? value : PgArray.of(TEXT, []),
  );
  return frequencies.elements.map((frequency, i) => {
    const values = columns.map((column) => column.elements[i]);
    const shown = values.map((value, j) =>
      value === null ? null : types.codec(columns[j].elementType).format(value, types),
    );
    const nulls = values.map((value) => value === null);
    return [i, PgArray.of(TEXT, shown), PgArray.of(BOOL, nulls), frequency, baseFrequencies.elements[i]];
  });
}

export const statisticsObjectFunctions: FunctionFamily = joinFamilies(
  definitions,
  setFunctions({ pg_stats_ext_mcvlist_items: (cx, list: Datum) => mcvItems(cx, list) }),
);

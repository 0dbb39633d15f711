/**
 * The statistics objects of a table in ANALYZE: their expressions are evaluated over the sample, figures of the columns
 * together are stored in pg_statistic_ext_data.
 */
import type { CatalogEntry } from '../catalog/catalog-writer.js';
import { statisticValues } from '../catalog/ddl/statistics.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { parseExpressionList } from '../catalog/expression-list.js';
import { CLASS } from '../catalog/known-oids.js';
import type { ExecContext } from '../exec/exec-context.js';
import { Compiler } from '../exec/expression/compile.js';
import { ColumnGroups, type Grouping, groupColumn } from '../exec/statistics/column-groups.js';
import {
  commonCombinations,
  distinctCombinations,
  functionalDependencies,
} from '../exec/statistics/extended-statistics.js';
import type { TableSample } from '../exec/statistics/sample-rows.js';
import { type Datum, PgArray, PgRecord } from '../types/datum.js';
import * as oid from '../types/oids.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';
import { bindOver, PLACES } from './stored-expression.js';
import { sampledValues, valueFigures } from './subject-figures.js';

/** A column of a statistics object: of the table (its number), or an expression (-1, -2, …). */
interface Member {
  readonly attribute: number;
  readonly type: number;
  readonly collation: number;
  readonly values: readonly Datum[];
}

/** Entries of the list of common combinations, and the rows of the sample that this asks for. */
export function extendedTarget(
  cx: DdlContext,
  relation: RelationDesc,
  targetOf: (attribute: number) => number,
): number {
  return Math.max(0, ...objectsOf(cx, relation).map((row) => targetOfObject(cx, row, targetOf)));
}

function objectsOf(cx: DdlContext, relation: RelationDesc): CatalogEntry[] {
  return cx.writer
    .find('pg_statistic_ext_relid_index', [relation.oid])
    .sort((a, b) => a.number('oid') - b.number('oid'));
}

/** Without a target of its own, that of the column with the largest one. */
function targetOfObject(cx: DdlContext, row: CatalogEntry, targetOf: (attribute: number) => number): number {
  const own = row.number('stxstattarget');
  if (own >= 0) return own;
  const columns = row.numbers('stxkeys').map(targetOf);
  return columns.length === 0 ? defaultTarget(cx) : Math.max(...columns);
}

function defaultTarget(cx: DdlContext): number {
  return Number(cx.exec.session.getSetting('default_statistics_target') ?? 100);
}

/** `analyzed`: columns that the statement looks at; objects over others are passed over with a warning. */
export function* analyzeExtended(
  cx: DdlContext,
  relation: RelationDesc,
  execution: ExecContext,
  sample: TableSample,
  analyzed: readonly number[],
  targetOf: (attribute: number) => number,
): Task<void> {
  if (sample.rows.length === 0) return;
  for (const row of objectsOf(cx, relation)) {
    if (!row.numbers('stxkeys').every((number) => analyzed.includes(number))) {
      warnOfSkipped(cx, relation, row);
      continue;
    }
    const target = targetOfObject(cx, row, targetOf);
    if (target > 0) yield* analyzeObject(cx, relation, execution, sample, row, target);
  }
}

function warnOfSkipped(cx: DdlContext, relation: RelationDesc, row: CatalogEntry): void {
  const schema = (namespace: number): string => cx.view().namespace(namespace)?.name ?? '';
  const object = `${schema(row.number('stxnamespace'))}.${row.text('stxname')}`;
  const table = `${schema(relation.namespace)}.${relation.name}`;
  cx.notice('WARNING', `statistics object "${object}" could not be computed for relation "${table}"`, {
    code: '42P17',
  });
}

function* analyzeObject(
  cx: DdlContext,
  relation: RelationDesc,
  execution: ExecContext,
  sample: TableSample,
  row: CatalogEntry,
  target: number,
): Task<void> {
  const members = yield* membersOf(cx, relation, execution, sample, row);
  const kinds = row.texts('stxkind');
  const { total } = sample;
  const columns: Grouping[] = [];
  const several = kinds.some((kind) => kind !== 'e');
  for (const member of several ? members : []) columns.push(yield* groupMember(cx, execution, member));
  const groups = new ColumnGroups(execution, columns);
  const numbers = members.map((member) => member.attribute);
  const values: Record<string, Datum> = {
    stxdndistinct: kinds.includes('d') ? distinctText(numbers, yield* distinctCombinations(groups, total)) : null,
    stxddependencies: kinds.includes('f')
      ? dependenciesText(numbers, yield* functionalDependencies(execution, groups))
      : null,
    stxdmcv: kinds.includes('m') ? mcvDatum(members, yield* commonCombinations(groups, total, target)) : null,
    stxdexpr: kinds.includes('e') ? yield* expressionFigures(cx, execution, members, total, target) : null,
  };
  const key = [row.number('oid'), false];
  const known = cx.writer.findOne('pg_statistic_ext_data_stxoid_inh_index', key);
  if (known !== undefined) yield* cx.writer.update(known, values);
  else yield* cx.writer.insert('pg_statistic_ext_data', { stxoid: row.number('oid'), stxdinherit: false, ...values });
}

function* membersOf(
  cx: DdlContext,
  relation: RelationDesc,
  execution: ExecContext,
  { rows }: TableSample,
  row: CatalogEntry,
): Task<Member[]> {
  const members: Member[] = [];
  for (const number of row.numbers('stxkeys')) {
    const { type, collation } = relation.attributes[number - 1];
    members.push({ attribute: number, type, collation, values: rows.map((values) => values[number - 1]) });
  }
  const texts = parseExpressionList(row.textOrNull('stxexprs') ?? '[]');
  for (const [i, text] of texts.entries()) {
    const { expr, columns } = bindOver(cx, relation, text, PLACES.statistics);
    const compiler = new Compiler(
      execution,
      columns.map((column) => column.id),
    );
    const evaluate = execution.withoutWaiting(() => compiler.compile(expr));
    const values = yield* sampledValues(execution, rows, evaluate);
    members.push({ attribute: -1 - i, type: expr.type, collation: expr.collation, values });
  }
  return members;
}

function* groupMember(cx: DdlContext, execution: ExecContext, { type, values }: Member): Task<Grouping> {
  const codec = cx.exec.types.codec(type);
  return yield* groupColumn(execution, values, (a, b) => codec.compare(a, b));
}

function distinctText(
  numbers: readonly number[],
  found: readonly { readonly columns: readonly number[]; readonly count: number }[],
): string {
  const items = found.map(({ columns, count }) => `"${columns.map((i) => numbers[i]).join(', ')}": ${count}`);
  return `{${items.join(', ')}}`;
}

/** Null when there are none. */
function dependenciesText(
  numbers: readonly number[],
  found: readonly { readonly from: readonly number[]; readonly to: number; readonly degree: number }[],
): string | null {
  if (found.length === 0) return null;
  const items = found.map(
    ({ from, to, degree }) => `"${from.map((i) => numbers[i]).join(', ')} => ${numbers[to]}": ${degree.toFixed(6)}`,
  );
  return `{${items.join(', ')}}`;
}

/** Frequencies, base frequencies, numbers of the columns, and the values of each column. */
function mcvDatum(
  members: readonly Member[],
  found: readonly { readonly row: number; readonly frequency: number; readonly baseFrequency: number }[],
): PgRecord | null {
  if (found.length === 0) return null;
  const values: PgArray[] = [
    PgArray.of(
      oid.FLOAT8,
      found.map(({ frequency }) => frequency),
    ),
    PgArray.of(
      oid.FLOAT8,
      found.map(({ baseFrequency }) => baseFrequency),
    ),
    PgArray.of(
      oid.INT4,
      members.map(({ attribute }) => attribute),
    ),
    ...members.map((member) =>
      PgArray.of(
        member.type,
        found.map(({ row }) => member.values[row]),
      ),
    ),
  ];
  return new PgRecord(
    oid.RECORD,
    values.map(() => oid.ANYARRAY),
    values,
  );
}

/** Rows of pg_statistic for the expressions, as values of its row type. */
function* expressionFigures(
  cx: DdlContext,
  execution: ExecContext,
  members: readonly Member[],
  total: number,
  target: number,
): Task<PgArray | null> {
  const table = cx.view().relation(PG_STATISTIC);
  if (table === undefined) return null;
  const records: PgRecord[] = [];
  for (const { attribute, type, collation, values } of members) {
    if (attribute > 0) continue;
    const analyzed = yield* valueFigures(cx, execution, { type, collation, target, distinct: null }, values, total);
    if (analyzed === null) continue;
    const columns: Record<string, Datum> = {
      starelid: 0,
      staattnum: 0,
      stainherit: false,
      ...statisticValues({ ...analyzed.figures, slots: analyzed.slots }),
    };
    records.push(
      new PgRecord(
        table.rowType,
        table.attributes.map((column) => column.type),
        table.attributes.map((column) => columns[column.name] ?? null),
      ),
    );
  }
  return PgArray.of(table.rowType, records);
}

const PG_STATISTIC = CLASS.pg_statistic;

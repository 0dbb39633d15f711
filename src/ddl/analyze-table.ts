/**
 * ANALYZE of one table: figures of its columns and of the expressions of its indexes from one sample of rows, stored in the
 * statement's transaction. REQUIRES: the table is locked against other ANALYZEs.
 */
import { updateRelation } from '../catalog/ddl/alter-relation.js';
import { storeStatistics } from '../catalog/ddl/statistics.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { CLASS } from '../catalog/known-oids.js';
import type { ExecContext } from '../exec/exec-context.js';
import { Compiler } from '../exec/expression/compile.js';
import { ANALYZE_PROGRESS, COMPUTING_STATISTICS } from '../exec/progress.js';
import type { ColumnFigures } from '../exec/statistics/column-statistics.js';
import { sampleRows, type TableSample } from '../exec/statistics/sample-rows.js';
import { bindWriteTarget } from '../sql/binder/write-target.js';
import type { Datum, Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { analyzeExtended, extendedTarget } from './analyze-extended.js';
import type { DdlContext } from './ddl-context.js';
import { evaluationContext } from './evaluation.js';
import { type Subject, sampledValues, valueFigures } from './subject-figures.js';

/** Rows of a sample for each entry of the lists. */
const ROWS_PER_ENTRY = 300;
const LEAST_ROWS = 100;
const PAGE_BYTES = 8168;
/** Bytes of a row in a page of PostgreSQL besides its values, and of an index entry. */
const ROW_HEADER = 24;
const ITEM_POINTER = 4;
const ALIGNMENT = 8;
const INDEX_ENTRY = 12;
const INDEX_KEY = 8;
/** Where the figures are kept: the one table that has none itself. */
const PG_STATISTIC = CLASS.pg_statistic;

/** What is to be analysed: a column of the table, or an expression of one of its indexes. */
interface OwnedSubject extends Subject {
  /** OID of the table or of the index. */
  readonly owner: number;
  readonly attribute: number;
  /** Undefined: a partial index does not have the row. */
  readonly value: (row: Row) => Datum | undefined;
}

/** `attributes` null: all columns, and the expressions of the indexes. */
export function* analyzeTable(
  cx: DdlContext,
  relation: RelationDesc,
  attributes: readonly number[] | null,
  verbose: boolean,
): Task<void> {
  if (relation.oid === PG_STATISTIC) return;
  const schema = cx.view().namespace(relation.namespace)?.name ?? '';
  if (verbose) cx.notice('INFO', `analyzing "${schema}.${relation.name}"`);
  const execution = evaluationContext(cx);
  execution.mayWait = true;
  try {
    const subjects = [...columnSubjects(cx, relation, attributes)];
    if (attributes === null) subjects.push(...expressionSubjects(cx, relation, execution));
    const targetOf = (attribute: number): number => columnSettings(cx, relation.oid, attribute).target;
    const target = Math.max(extendedTarget(cx, relation, targetOf), ...subjects.map((subject) => subject.target));
    const progress = cx.exec.reportProgress?.('ANALYZE', relation.oid).values;
    const sample = yield* sampleRows(execution, relation, Math.max(LEAST_ROWS, target * ROWS_PER_ENTRY));
    if (progress !== undefined) progress[ANALYZE_PROGRESS.phase] = COMPUTING_STATISTICS;
    if (verbose) tellSample(cx, relation, sample);
    let width = 0;
    for (const subject of subjects) {
      const figures = yield* analyzeSubject(cx, execution, subject, sample);
      if (figures === null) continue;
      if (subject.owner === relation.oid) width += figures.width * (1 - figures.nullFraction);
    }
    const analyzed = subjects.flatMap(({ owner, attribute }) => (owner === relation.oid ? [attribute] : []));
    yield* analyzeExtended(cx, relation, execution, sample, analyzed, targetOf);
    // At the end: GRANT changes the same row without asking for a lock of the table.
    yield* storeSizes(cx, relation, sample.total, attributes === null ? width : null);
    yield* storeIndexSizes(cx, relation, execution, sample);
  } finally {
    execution.end();
  }
}

function tellSample(cx: DdlContext, relation: RelationDesc, sample: TableSample): void {
  const { pages, scannedPages, liveRows, rows, total } = sample;
  cx.notice(
    'INFO',
    `"${relation.name}": scanned ${scannedPages} of ${pages} pages, containing ${liveRows} live rows and 0 dead rows; ` +
      `${rows.length} rows in sample, ${total} estimated total rows`,
  );
}

function* columnSubjects(
  cx: DdlContext,
  relation: RelationDesc,
  attributes: readonly number[] | null,
): Generator<OwnedSubject> {
  for (const { number, type, collation, dropped } of relation.attributes) {
    if (dropped || (attributes !== null && !attributes.includes(number))) continue;
    const settings = columnSettings(cx, relation.oid, number);
    if (settings.target === 0) continue;
    yield { owner: relation.oid, attribute: number, type, collation, ...settings, value: (row) => row[number - 1] };
  }
}

/** What ALTER COLUMN SET STATISTICS and SET (n_distinct = …) have set. */
function columnSettings(
  cx: DdlContext,
  relation: number,
  attribute: number,
): { readonly target: number; readonly distinct: number | null } {
  const row = cx.writer.findOne('pg_attribute_relid_attnum_index', [relation, attribute]);
  const target = row?.number('attstattarget') ?? -1;
  const option = row?.textsOrNull('attoptions')?.find((text) => text.startsWith('n_distinct='));
  return {
    target: target < 0 ? Number(cx.exec.session.getSetting('default_statistics_target') ?? 100) : target,
    distinct: option === undefined ? null : Number(option.slice(option.indexOf('=') + 1)),
  };
}

function* expressionSubjects(cx: DdlContext, relation: RelationDesc, execution: ExecContext): Generator<OwnedSubject> {
  if (!relation.indexes.some((index) => index.expressionTexts.length > 0)) return;
  const { target, columns } = bindWriteTarget(cx.bindContext(''), relation);
  const compiler = new Compiler(
    execution,
    columns.map((column) => column.id),
  );
  for (const { index, keys, predicate } of target.indexes) {
    const applies = predicate === null ? null : execution.withoutWaiting(() => compiler.predicate(predicate));
    for (let i = 0; i < keys.length; i++) {
      if (index.attributes[i] !== 0) continue;
      const settings = columnSettings(cx, index.oid, i + 1);
      if (settings.target === 0) continue;
      const evaluate = execution.withoutWaiting(() => compiler.compile(keys[i]));
      yield {
        owner: index.oid,
        attribute: i + 1,
        type: keys[i].type,
        collation: index.collations[i] ?? 0,
        ...settings,
        value: (row) => (applies === null || applies(row) ? evaluate(row) : undefined),
      };
    }
  }
}

function* analyzeSubject(
  cx: DdlContext,
  execution: ExecContext,
  subject: OwnedSubject,
  { rows, total }: TableSample,
): Task<ColumnFigures | null> {
  const values = yield* sampledValues(execution, rows, subject.value);
  const owned = rows.length === 0 ? 0 : Math.round((total * values.length) / rows.length);
  const analyzed = yield* valueFigures(cx, execution, subject, values, owned);
  if (analyzed === null) return null;
  yield* storeStatistics(cx.writer, subject.owner, subject.attribute, {
    ...analyzed.figures,
    slots: analyzed.slots,
  });
  return analyzed.figures;
}

/** `width`: average bytes of the values of a row, null when not all columns were looked at. */
function* storeSizes(cx: DdlContext, relation: RelationDesc, total: number, width: number | null): Task<void> {
  yield* updateRelation(cx.writer, relation.oid, {
    reltuples: total,
    ...(width === null
      ? {}
      : { relpages: pagesOf(total, ITEM_POINTER + Math.ceil((ROW_HEADER + width) / ALIGNMENT) * ALIGNMENT) }),
  });
}

function pagesOf(rows: number, bytes: number): number {
  return Math.ceil((rows * bytes) / PAGE_BYTES);
}

function* storeIndexSizes(
  cx: DdlContext,
  relation: RelationDesc,
  execution: ExecContext,
  { rows, total }: TableSample,
): Task<void> {
  const shares = indexShares(cx, relation, execution, rows);
  for (const index of relation.indexes) {
    const tuples = Math.round(total * (shares.get(index.oid) ?? 1));
    const relpages = Math.max(1, pagesOf(tuples, INDEX_ENTRY + INDEX_KEY * index.keyColumns)) + 1;
    yield* updateRelation(cx.writer, index.oid, { reltuples: tuples, relpages });
  }
}

/** The part of the rows that partial indexes have. */
function indexShares(
  cx: DdlContext,
  relation: RelationDesc,
  execution: ExecContext,
  rows: readonly Row[],
): ReadonlyMap<number, number> {
  const shares = new Map<number, number>();
  if (!relation.indexes.some((index) => index.predicateText !== null) || rows.length === 0) return shares;
  const { target, columns } = bindWriteTarget(cx.bindContext(''), relation);
  const compiler = new Compiler(
    execution,
    columns.map((column) => column.id),
  );
  for (const { index, predicate } of target.indexes) {
    if (predicate === null) continue;
    const applies = execution.withoutWaiting(() => compiler.predicate(predicate));
    const some = rows.slice(0, LEAST_ROWS * 10);
    shares.set(index.oid, some.filter((row) => applies(row)).length / some.length);
  }
  return shares;
}

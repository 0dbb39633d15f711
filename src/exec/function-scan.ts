/**
 * Functions in FROM. Several (ROWS FROM, unnest of several arrays) run in lockstep, shorter ones filled up with NULLs.
 * Rows of functions with a column definition list are checked against it.
 */
import { isBinaryCoercible } from '../catalog/binary-coercible.js';
import { sqlError } from '../errors/sql-error.js';
import type { FunctionScanNode } from '../sql/plan/plan-node.js';
import { type Datum, PgRecord, type Row } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { evaluateOnce } from './batch-loops.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import { BATCH_SIZE, type Batch, Operator, RowBuffer } from './operator.js';
import { compileSet, rowSpreader, type SetEvaluator, scalarAsSet } from './set-function.js';
import { suspension } from './suspend.js';

interface Source {
  readonly evaluate: SetEvaluator;
  readonly spread: (element: Datum | Row, into: Row) => void;
  readonly width: number;
  /** Field types that a column definition list promises. */
  readonly definition: readonly { readonly type: number }[] | null;
  iterator: Iterator<Datum | Row> | null;
}

const NO_ROW: Row = [];

export class FunctionScan extends Operator {
  private readonly sources: readonly Source[];
  private readonly ordinality: boolean;
  private readonly out = new RowBuffer();
  private count = 0;
  private phase: 'fresh' | 'running' | 'done' = 'done';

  constructor(
    private readonly cx: ExecContext,
    node: FunctionScanNode,
  ) {
    super(node.columns);
    const compiler = new Compiler(cx, []);
    this.ordinality = node.ordinality;
    this.sources = node.functions.map((expr, i) => ({
      evaluate: compileSet(compiler, expr) ?? scalarAsSet(compiler.compile(expr)),
      spread: rowSpreader(cx, expr, node.columnCounts[i]),
      width: node.columnCounts[i],
      definition: node.columnDefinitions[i] ?? null,
      iterator: null,
    }));
  }

  open(): void {
    this.close();
    this.phase = 'fresh';
    this.count = 0;
  }

  *next(): Task<Batch | null> {
    const { out, cx, sources } = this;
    if (this.phase === 'done') return null;
    if (cx.overdue()) yield cx.giveWay();
    if (this.phase === 'fresh') {
      for (const source of sources) {
        source.iterator = (yield* evaluateOnce(() => source.evaluate(NO_ROW)))[Symbol.iterator]();
      }
      this.phase = 'running';
    }
    out.length = 0;
    while (out.length < BATCH_SIZE && this.phase === 'running') {
      try {
        this.fill(out);
      } catch (error) {
        yield suspension(error);
      }
    }
    return out.length === 0 ? null : out;
  }

  private fill(out: RowBuffer): void {
    while (out.length < BATCH_SIZE) {
      const row = this.nextRow();
      if (row === null) {
        this.phase = 'done';
        return;
      }
      out.push(row);
    }
  }

  private nextRow(): Row | null {
    const row: Row = [];
    let any = false;
    for (const source of this.sources) {
      const state = source.iterator?.next();
      if (state === undefined || state.done === true) {
        source.iterator = null;
        for (let i = 0; i < source.width; i++) row.push(null);
        continue;
      }
      any = true;
      if (source.definition !== null) checkDefinition(this.cx, state.value, source.definition);
      source.spread(state.value, row);
    }
    if (!any) return null;
    if (this.ordinality) row.push(++this.count);
    return row;
  }

  close(): void {
    for (const source of this.sources) {
      source.iterator?.return?.();
      source.iterator = null;
    }
    this.phase = 'done';
  }
}

/** @throws SqlError 42804 when a record does not have the columns that the query declares */
function checkDefinition(
  cx: ExecContext,
  element: Datum | Row,
  definition: readonly { readonly type: number }[],
): void {
  const width = element instanceof PgRecord ? element.values.length : Array.isArray(element) ? element.length : 1;
  if (width !== definition.length) {
    throw mismatch(
      `Returned row contains ${width} attribute${width === 1 ? '' : 's'}, but query expects ${definition.length}.`,
    );
  }
  if (!(element instanceof PgRecord)) return;
  const { catalog, types } = cx.services;
  definition.forEach(({ type }, i) => {
    const returned = element.fieldTypes[i];
    if (isBinaryCoercible(catalog, returned, type)) return;
    const [is, expected] = [returned, type].map((one) => types.catalog.formatType(one, -1));
    throw mismatch(`Returned type ${is} at ordinal position ${i + 1}, but query expects ${expected}.`);
  });
}

function mismatch(detail: string): Error {
  return sqlError('datatype_mismatch', 'function return row and query-specified return row do not match', { detail });
}

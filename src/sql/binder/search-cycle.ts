/**
 * SEARCH and CYCLE of a recursive query: columns that tell a row's place in the search, or whether its way has come round.
 * As the standard has it they are written into the query: the seed begins them, the step goes on with those of the row
 * that it reads, and rows that close a cycle are not followed any further.
 */
import type { CommonTableExpr, CTECycleClause, CTESearchClause, Node, RangeVar, SelectStmt } from '@pgsql/types';
import * as oid from '../../types/oids.js';
import { nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { binders } from './binders.js';
import { coerceToCommonType, selectCommonType } from './common-type.js';
import type { Scope, ScopeColumn } from './scope.js';
import { requireEquality } from './sort-keys.js';

const SEED = '*TLOCRN*';
const STEP = '*TROCRN*';

/** How many columns the clauses add, behind the query's own. */
export function addedCount({ search_clause, cycle_clause }: CommonTableExpr): number {
  return (search_clause === undefined ? 0 : 1) + (cycle_clause === undefined ? 0 : 2);
}

/** The columns that the clauses add, without ids; none without clauses. @throws SqlError 42804, 42883 */
export function addedColumns(cx: BindContext, scope: Scope, cte: CommonTableExpr): ScopeColumn[] {
  const column = (name: string | undefined, type: number): ScopeColumn => ({
    id: 0,
    name: name ?? '',
    type,
    typmod: -1,
    collation: cx.collationOf(type),
    tableOid: 0,
    columnNumber: 0,
  });
  const added: ScopeColumn[] = [];
  const { search_clause: search, cycle_clause: cycle } = cte;
  if (search !== undefined)
    added.push(column(search.search_seq_column, search.search_breadth_first === true ? oid.RECORD : oid.RECORD_ARRAY));
  if (cycle !== undefined) {
    added.push(column(cycle.cycle_mark_column, markType(cx, scope, cycle)));
    added.push(column(cycle.cycle_path_column, oid.RECORD_ARRAY));
  }
  return added;
}

function markType(cx: BindContext, scope: Scope, cycle: CTECycleClause): number {
  const marks = [cycle.cycle_mark_value, cycle.cycle_mark_default].flatMap((node) =>
    node === undefined ? [] : [binders.expr(cx, scope, node)],
  );
  const type = selectCommonType(cx, marks, 'CYCLE');
  for (const mark of marks) requireEquality(cx, coerceToCommonType(cx, mark, type, 'CYCLE'));
  return type;
}

/** What the clauses say, against the query's own columns. @throws SqlError 42601, 42701, 0A000 */
export function checkAddedColumns(
  cx: BindContext,
  cte: CommonTableExpr,
  seed: SelectStmt,
  step: SelectStmt,
  columns: readonly ScopeColumn[],
): void {
  if ((seed.op ?? 'SETOP_NONE') !== 'SETOP_NONE') {
    const message = 'with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT';
    throw cx.error('feature_not_supported', message);
  }
  if ((step.op ?? 'SETOP_NONE') !== 'SETOP_NONE')
    throw cx.error('syntax_error', 'with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT');
  const { search_clause: search, cycle_clause: cycle } = cte;
  const names = columns.map((column) => column.name);
  const used = (name: string | undefined, what: string, location: number | undefined): void => {
    if (names.includes(name ?? ''))
      throw cx.error('syntax_error', `${what} column name "${name}" already used in WITH query column list`, location);
  };
  if (search !== undefined) {
    checkList(cx, nameParts(search.search_col_list), names, 'search', search.location);
    used(search.search_seq_column, 'search sequence', search.location);
  }
  if (cycle !== undefined) {
    checkList(cx, nameParts(cycle.cycle_col_list), names, 'cycle', cycle.location);
    used(cycle.cycle_mark_column, 'cycle mark', cycle.location);
    used(cycle.cycle_path_column, 'cycle path', cycle.location);
    different(cx, cycle, 'cycle mark', cycle.cycle_mark_column, 'cycle path', cycle.cycle_path_column);
  }
  if (search !== undefined && cycle !== undefined) {
    different(cx, search, 'search sequence', search.search_seq_column, 'cycle mark', cycle.cycle_mark_column);
    different(cx, search, 'search sequence', search.search_seq_column, 'cycle path', cycle.cycle_path_column);
  }
  if (selfReference(cte, step) === null) {
    throw cx.error(
      'feature_not_supported',
      `with a SEARCH or CYCLE clause, the recursive reference to WITH query "${cte.ctename}" must be at the top level of its right-hand SELECT`,
    );
  }
}

function checkList(
  cx: BindContext,
  list: readonly string[],
  names: readonly string[],
  clause: string,
  location: number | undefined,
): void {
  list.forEach((name, i) => {
    if (!names.includes(name))
      throw cx.error('syntax_error', `${clause} column "${name}" not in WITH query column list`, location);
    if (list.indexOf(name) < i)
      throw cx.error('duplicate_column', `${clause} column "${name}" specified more than once`, location);
  });
}

function different(
  cx: BindContext,
  { location }: { location?: number },
  what: string,
  name: string | undefined,
  otherWhat: string,
  other: string | undefined,
): void {
  if (name !== other) return;
  throw cx.error('syntax_error', `${what} column name and ${otherWhat} column name are the same`, location);
}

/** Under which name the step reads the rows of the round before; null: not at its top level. */
function selfReference(cte: CommonTableExpr, step: SelectStmt): string | null {
  const named = (range: RangeVar): string | null =>
    range.relname === cte.ctename && range.schemaname === undefined
      ? (range.alias?.aliasname ?? range.relname ?? null)
      : null;
  const search = (item: Node | undefined): string | null => {
    if (item === undefined) return null;
    if ('RangeVar' in item) return named(item.RangeVar);
    return 'JoinExpr' in item ? (search(item.JoinExpr.larg) ?? search(item.JoinExpr.rarg)) : null;
  };
  for (const item of step.fromClause ?? []) {
    const found = search(item);
    if (found !== null) return found;
  }
  return null;
}

/** Seed and step with the added columns computed. REQUIRES: the clauses were checked */
export function withAddedColumns(
  cte: CommonTableExpr,
  seed: SelectStmt,
  step: SelectStmt,
  columns: readonly ScopeColumn[],
): { readonly seed: SelectStmt; readonly step: SelectStmt } {
  const { search_clause: search, cycle_clause: cycle } = cte;
  const names = columns.map((column) => column.name);
  const own = names.map((_, i) => `c${i + 1}`);
  const added = [search?.search_seq_column, cycle?.cycle_mark_column, cycle?.cycle_path_column].flatMap((name) =>
    name === undefined ? [] : [name],
  );
  const self = selfReference(cte, step) ?? '';
  const stepSelect = {
    ...step,
    targetList: [...(step.targetList ?? []), ...added.map((name) => target(name, column(self, name)))],
  };
  const field = (relation: string) => (name: string) => column(relation, own[names.indexOf(name)]);
  const passed = (relation: string): Node[] => names.map((name, i) => target(name, column(relation, own[i])));
  return {
    seed: selectFrom(SEED, seed, own, [...passed(SEED), ...begun(search, cycle, field(SEED))], undefined),
    step: selectFrom(
      STEP,
      stepSelect,
      [...own, ...added],
      [...passed(STEP), ...continued(search, cycle, field(STEP))],
      cycle?.cycle_mark_value === undefined
        ? undefined
        : operator('<>', column(STEP, cycle.cycle_mark_column ?? ''), cycle.cycle_mark_value),
    ),
  };
}

type FieldOf = (name: string) => Node;

function begun(search: CTESearchClause | undefined, cycle: CTECycleClause | undefined, field: FieldOf): Node[] {
  const targets: Node[] = [];
  if (search !== undefined) {
    const fields = nameParts(search.search_col_list).map(field);
    const first = search.search_breadth_first === true ? row([int8(0), ...fields]) : list([row(fields)]);
    targets.push(target(search.search_seq_column, first));
  }
  if (cycle !== undefined) {
    const fields = nameParts(cycle.cycle_col_list).map(field);
    targets.push(target(cycle.cycle_mark_column, mark(cycle, { A_Const: { boolval: {} } })));
    targets.push(target(cycle.cycle_path_column, list([row(fields)])));
  }
  return targets;
}

function continued(search: CTESearchClause | undefined, cycle: CTECycleClause | undefined, field: FieldOf): Node[] {
  const targets: Node[] = [];
  if (search !== undefined) {
    const name = search.search_seq_column ?? '';
    const fields = nameParts(search.search_col_list).map(field);
    const depth: Node = { A_Indirection: { arg: column(STEP, name), indirection: [string('f1')] } };
    const next =
      search.search_breadth_first === true
        ? row([operator('+', depth, int8(1)), ...fields])
        : operator('||', column(STEP, name), row(fields));
    targets.push(target(name, next));
  }
  if (cycle !== undefined) {
    const path = column(STEP, cycle.cycle_path_column ?? '');
    const here = row(nameParts(cycle.cycle_col_list).map(field));
    const known: Node = { A_Expr: { kind: 'AEXPR_OP_ANY', name: [string('=')], lexpr: here, rexpr: path } };
    targets.push(target(cycle.cycle_mark_column, mark(cycle, known)));
    targets.push(target(cycle.cycle_path_column, operator('||', path, here)));
  }
  return targets;
}

function mark(cycle: CTECycleClause, condition: Node): Node {
  return {
    CaseExpr: {
      args: [{ CaseWhen: { expr: condition, result: cycle.cycle_mark_value } }],
      defresult: cycle.cycle_mark_default,
    },
  };
}

function string(sval: string): Node {
  return { String: { sval } };
}

function column(relation: string, name: string): Node {
  return { ColumnRef: { fields: [string(relation), string(name)], location: -1 } };
}

function target(name: string | undefined, val: Node): Node {
  return { ResTarget: { name, val } };
}

function row(args: Node[]): Node {
  return { RowExpr: { args, row_format: 'COERCE_EXPLICIT_CALL' } };
}

function list(elements: Node[]): Node {
  return { A_ArrayExpr: { elements } };
}

function int8(ival: number): Node {
  return {
    TypeCast: {
      arg: { A_Const: { ival: { ival } } },
      typeName: { names: [string('pg_catalog'), string('int8')], typemod: -1 },
    },
  };
}

function operator(name: string, lexpr: Node, rexpr: Node): Node {
  return { A_Expr: { kind: 'AEXPR_OP', name: [string(name)], lexpr, rexpr } };
}

function selectFrom(
  aliasname: string,
  query: SelectStmt,
  names: readonly string[],
  targetList: Node[],
  whereClause: Node | undefined,
): SelectStmt {
  return {
    targetList,
    fromClause: [
      {
        RangeSubselect: {
          subquery: { SelectStmt: query },
          alias: { aliasname, colnames: names.map(string) },
        },
      },
    ],
    whereClause,
    op: 'SETOP_NONE',
  };
}

/**
 * WITH RECURSIVE: seed UNION [ALL] step. The seed settles names and types of the columns; the step reads the rows of the
 * round before under the query's own name.
 */
import type { CommonTableExpr, Node, SelectStmt } from '@pgsql/types';
import { notSupported } from '../../errors/sql-error.js';
import { type PlanNode, UNESTIMATED } from '../plan/plan-node.js';
import { locationOf, nameParts } from './ast.js';
import type { BindContext } from './bind-context.js';
import { bindSide, convertSide, type MatchedSides, matchSides } from './bind-set-operation.js';
import { type BoundQuery, binders } from './binders.js';
import { walkReferences } from './cte-references.js';
import { Scope, type ScopeColumn } from './scope.js';
import { addedColumns, addedCount, checkAddedColumns, withAddedColumns } from './search-cycle.js';
import { requireEquality } from './sort-keys.js';

/** Whose scope sees the items before it; `wrap` of a WITH inside is the caller's. */
type WithBinder = (cx: BindContext, scope: Scope, clause: NonNullable<SelectStmt['withClause']>) => Wrap;
type Wrap = (plan: PlanNode) => PlanNode;

interface BoundParts {
  readonly seed: BoundQuery;
  readonly step: BoundQuery;
  readonly matched: MatchedSides;
}

interface Parts {
  readonly select: SelectStmt;
  readonly seed: SelectStmt;
  readonly step: SelectStmt;
}

export function bindRecursive(
  cx: BindContext,
  outer: Scope,
  cte: CommonTableExpr,
  id: number,
  bindWith: WithBinder,
): BoundQuery {
  const parts = partsOf(cx, cte);
  const scope = new Scope(outer);
  const wrap = parts.select.withClause === undefined ? null : bindWith(cx, scope, parts.select.withClause);
  const query = new RecursiveQuery(cx, scope, cte, id);
  const bound = query.bind(parts);
  return wrap === null ? bound : { ...bound, plan: wrap(bound.plan) };
}

class RecursiveQuery {
  private readonly name: string;

  constructor(
    private readonly cx: BindContext,
    private readonly scope: Scope,
    private readonly cte: CommonTableExpr,
    private readonly id: number,
  ) {
    this.name = cte.ctename ?? '';
  }

  bind({ select, seed, step }: Parts): BoundQuery {
    const { cx, scope, cte } = this;
    const all = select.all === true;
    const added = addedColumns(cx, scope, cte);
    const bound = binders.select(cx, scope, seed);
    const columns = nameColumns(cx, cte, bound.columns);
    const plain = this.bindStep({ ...bound, columns }, added, seed, step);
    if (added.length === 0) return this.union(plain, all);
    checkAddedColumns(cx, cte, seed, step, columns);
    const whole = withAddedColumns(cte, seed, step, columns);
    // The query as it was written is the one to print.
    const { recorder } = cx;
    cx.recorder = null;
    const extended = this.bindStep(binders.select(cx, scope, whole.seed), [], whole.seed, whole.step);
    cx.recorder = recorder;
    return this.union(extended, all);
  }

  /** `added`: columns that the step can read besides the seed's. @throws SqlError 42804 where it would change types */
  private bindStep(
    seed: BoundQuery,
    added: readonly ScopeColumn[],
    seedSelect: SelectStmt,
    stepSelect: SelectStmt,
  ): BoundParts {
    const { cx, scope, cte, name, id } = this;
    const columns = [...seed.columns, ...added];
    const hidden = addedCount(cte);
    scope.ctes.set(name, { name, id, columns, hidden, workTable: true, inline: null, silent: false, references: 0 });
    const step = bindSide(cx, scope, stepSelect);
    scope.ctes.delete(name);
    const matched = matchSides(cx, 'UNION', true, seed, step);
    cx.recorder?.sides.set(seedSelect, matched.sides[0]);
    cx.recorder?.sides.set(stepSelect, matched.sides[1]);
    seed.columns.forEach((wanted, i) => {
      const overall = matched.columns[i];
      requireSameCollation(cx, name, i, wanted, overall, targetLocation(seedSelect, i));
      if (overall.type === wanted.type && overall.typmod === wanted.typmod) return;
      throw cx.error(
        'datatype_mismatch',
        `recursive query "${name}" column ${i + 1} has type ${cx.formatType(wanted.type, wanted.typmod)} in non-recursive term but type ${cx.formatType(overall.type, overall.typmod)} overall`,
        targetLocation(seedSelect, i),
        { hint: 'Cast the output of the non-recursive term to the correct type.' },
      );
    });
    return { seed, step, matched };
  }

  private union({ seed, step, matched }: BoundParts, all: boolean): BoundQuery {
    const { cx, id } = this;
    if (!all) for (const expr of matched.sides[0]) requireEquality(cx, expr);
    const columns = seed.columns.map((column) => ({ ...column, id: cx.newColumn(column.name) }));
    const plan: PlanNode = {
      kind: 'recursive union',
      id,
      seed: seed.plan,
      step: convertSide(cx, step, matched.sides[1]),
      distinct: !all,
      columns: columns.map((column) => column.id),
      ...UNESTIMATED,
    };
    return { plan, columns };
  }
}

/** Names from the item's column list. @throws SqlError 42P10 when it has more than there are columns */
export function nameColumns(cx: BindContext, cte: CommonTableExpr, columns: readonly ScopeColumn[]): ScopeColumn[] {
  const names = nameParts(cte.aliascolnames);
  if (names.length > columns.length) {
    throw cx.error(
      'invalid_column_reference',
      `WITH query "${cte.ctename}" has ${columns.length} columns available but ${names.length} columns specified`,
      cte.location,
    );
  }
  return columns.map((column, i) => ({ ...column, name: names[i] ?? column.name }));
}

/** Where an item of the select list, or of the first VALUES row, begins. */
function targetLocation(select: SelectStmt, i: number): number {
  const target: Node | undefined = select.targetList?.[i];
  if (target !== undefined) return 'ResTarget' in target ? locationOf(target.ResTarget.val) : -1;
  const first = select.valuesLists?.[0];
  return first !== undefined && 'List' in first ? locationOf(first.List.items?.[i]) : -1;
}

/** Seed and step of a query of the right form. @throws SqlError 42P19, 0A000 */
function partsOf(cx: BindContext, cte: CommonTableExpr): Parts {
  const name = cte.ctename ?? '';
  const query = cte.ctequery;
  const invalid = (message: string): Error => cx.error('invalid_recursion', message, cte.location);
  if (query === undefined || !('SelectStmt' in query))
    throw invalid(`recursive query "${name}" must not contain data-modifying statements`);
  const select = query.SelectStmt;
  const { larg: seed, rarg: step } = select;
  if (select.op !== 'SETOP_UNION' || seed === undefined || step === undefined) {
    throw invalid(`recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`);
  }
  checkPlaces(cx, name, select);
  checkDecoration(cx, select);
  return { select, seed, step };
}

/** The step names the query once, where every row counts; nothing else may. */
function checkPlaces(cx: BindContext, name: string, { larg, rarg, withClause }: SelectStmt): void {
  const items = withClause?.ctes ?? [];
  if (items.some((item) => 'CommonTableExpr' in item && item.CommonTableExpr.ctename === name))
    throw notSupported('WITH inside of a recursive query for an item of its name');
  let found = 0;
  const check: Parameters<typeof walkReferences>[2] = ({ relname, location }, place) => {
    if (relname !== name) return;
    const fault = place ?? (++found > 1 ? 'more than once' : null);
    if (fault !== null)
      throw cx.error('invalid_recursion', `recursive reference to query "${name}" must not appear ${fault}`, location);
  };
  walkReferences({ SelectStmt: larg }, 'within its non-recursive term', check);
  walkReferences({ SelectStmt: rarg }, null, check);
  if (withClause !== undefined) walkReferences({ withClause }, 'within a subquery', check);
}

/** What would stand behind the UNION as a whole. */
function checkDecoration(cx: BindContext, select: SelectStmt): void {
  const sort = select.sortClause?.[0];
  const clauses: [string, boolean, Node | undefined][] = [
    ['ORDER BY', sort !== undefined, sort !== undefined && 'SortBy' in sort ? sort.SortBy.node : undefined],
    ['OFFSET', select.limitOffset !== undefined, select.limitOffset],
    ['LIMIT', select.limitCount !== undefined, select.limitCount],
    ['FOR UPDATE/SHARE', select.lockingClause !== undefined, undefined],
  ];
  for (const [label, given, node] of clauses) {
    if (given)
      throw cx.error('feature_not_supported', `${label} in a recursive query is not implemented`, locationOf(node));
  }
}

/** @throws SqlError 42P21 */
function requireSameCollation(
  cx: BindContext,
  name: string,
  i: number,
  wanted: ScopeColumn,
  overall: ScopeColumn,
  location: number,
): void {
  if (overall.collation === wanted.collation || overall.collation === 0 || wanted.collation === 0) return;
  const shown = (collation: number): string => cx.catalog.collation(collation)?.name ?? '';
  throw cx.error(
    'collation_mismatch',
    `recursive query "${name}" column ${i + 1} has collation "${shown(wanted.collation)}" in non-recursive term but collation "${shown(overall.collation)}" overall`,
    location,
    { hint: 'Use the COLLATE clause to set the collation of the non-recursive term.' },
  );
}

/** Queries as text in PostgreSQL's layout: WITH, set operations, SELECT, VALUES, ORDER BY, LIMIT, row locks. */
import type { CommonTableExpr, Node, SelectStmt } from '@pgsql/types';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import { nameParts } from '../binder/ast.js';
import type { QueryRecorder, RecordedSelect } from '../binder/query-recorder.js';
import type { Expr } from '../plan/expression.js';
import {
  type PrintContext,
  printExpr,
  printOrderItem,
  printSortItem,
  sortDirection,
} from '../plan/print-expression.js';
import { type DeparseServices, ExpressionText } from './expression-text.js';
import { FromText } from './from-text.js';
import { groupItems } from './group-text.js';
import { RangeNames } from './range-names.js';
import { searchCycleText } from './search-cycle-text.js';
import { hasLines, lastLineLength, PART_STEP, Sheet, STEP, startsLine } from './sheet.js';

export interface QueryOptions {
  readonly pretty: boolean;
  /** Columns of a list share a line up to this length; 0: each has its own; -1: all are on one. */
  readonly wrap: number;
  /** The text will be parsed: what PostgreSQL prints but cannot read is written in another way. */
  readonly parsed?: boolean;
}

/** Where a query stands. */
interface Place {
  readonly sheet: Sheet;
  readonly taken: ReadonlySet<string>;
  /** Names of the output columns, where they are not the query's own. */
  readonly names: readonly string[] | null;
  /** Whether anybody can see the names of columns that have none of their own. */
  readonly namesVisible: boolean;
  /** Literals of the select list as a set operation has typed them. */
  readonly typed?: readonly Expr[] | undefined;
}

const LOCKS: Record<string, string> = {
  LCS_FORKEYSHARE: ' FOR KEY SHARE',
  LCS_FORSHARE: ' FOR SHARE',
  LCS_FORNOKEYUPDATE: ' FOR NO KEY UPDATE',
  LCS_FORUPDATE: ' FOR UPDATE',
};
const OPERATIONS: Record<string, string> = {
  SETOP_UNION: 'UNION ',
  SETOP_INTERSECT: 'INTERSECT ',
  SETOP_EXCEPT: 'EXCEPT ',
};

export class QueryText {
  private readonly rangeNames: RangeNames;
  private readonly expressions: ExpressionText;
  private readonly from: FromText;

  constructor(
    services: DeparseServices,
    private readonly recorder: QueryRecorder,
    private readonly options: QueryOptions,
  ) {
    this.rangeNames = new RangeNames(recorder);
    const inExpression = (select: SelectStmt, sheet: Sheet, taken: ReadonlySet<string>): string =>
      this.query(select, { sheet: new Sheet(sheet.indent), taken, names: null, namesVisible: false });
    const inFrom = (select: SelectStmt, sheet: Sheet, taken: ReadonlySet<string>): string =>
      this.query(select, { sheet: new Sheet(sheet.indent), taken, names: null, namesVisible: true });
    this.expressions = new ExpressionText(services, recorder, this.rangeNames, options.pretty, inExpression);
    this.from = new FromText(services, recorder, this.rangeNames, inFrom);
  }

  /** A query with everything that belongs to it. */
  query(select: SelectStmt, place: Place): string {
    const { sheet } = place;
    const isSet = isSetOperation(select);
    const taken = isSet ? place.taken : this.rangeNames.enter(select, place.taken);
    if (!isSet) this.rangeNames.nameJoinColumns(select.fromClause ?? []);
    const cx = this.expressions.context(sheet, taken);
    let text = this.withClause(select, sheet, taken);
    text += isSet ? this.setOperation(select, { ...place, taken }, true) : this.body(select, { ...place, taken }, cx);
    const order = this.orderItems(select, cx, isSet);
    if (order.length > 0) text += sheet.line(' ORDER BY ', -STEP, STEP, 1) + order.join(', ');
    return text + this.limits(select, sheet, cx) + this.locks(select, sheet);
  }

  private withClause(select: SelectStmt, sheet: Sheet, taken: ReadonlySet<string>): string {
    if (select.withClause === undefined) return '';
    sheet.shift(STEP);
    let text = ' ';
    let separator = select.withClause.recursive ? 'WITH RECURSIVE ' : 'WITH ';
    for (const node of select.withClause.ctes ?? []) {
      if (!('CommonTableExpr' in node)) continue;
      text += separator + this.cte(node.CommonTableExpr, sheet, taken);
      separator = ', ';
    }
    sheet.shift(-STEP);
    return text + sheet.line('', 0, 0);
  }

  private cte(cte: CommonTableExpr, sheet: Sheet, taken: ReadonlySet<string>): string {
    const columns = nameParts(cte.aliascolnames).map(quoteIdentifier);
    const kept =
      cte.ctematerialized === 'CTEMaterializeAlways'
        ? 'MATERIALIZED '
        : cte.ctematerialized === 'CTEMaterializeNever'
          ? 'NOT MATERIALIZED '
          : '';
    const head = `${quoteIdentifier(cte.ctename ?? '')}${columns.length > 0 ? `(${columns.join(', ')})` : ''} AS ${kept}(`;
    const start = sheet.line('', 0, 0);
    const query = cte.ctequery !== undefined && 'SelectStmt' in cte.ctequery ? cte.ctequery.SelectStmt : null;
    const body =
      query === null
        ? ''
        : this.query(query, { sheet: new Sheet(sheet.indent), taken, names: null, namesVisible: true });
    const clauses = searchCycleText(cte, (node) => this.mark(node, this.expressions.context(sheet, taken)));
    return `${head}${start}${body}${sheet.line('', 0, 0)})${clauses}`;
  }

  private mark(node: Node, cx: PrintContext): string {
    return this.options.parsed ? this.expressions.node(node, cx) : this.expressions.literal(node, cx);
  }

  /** Sides that are set operations themselves stand in parentheses, but for chains to the left. */
  private setOperation(select: SelectStmt, place: Place, isTop: boolean): string {
    const { sheet } = place;
    if (!isSetOperation(select) || (!isTop && isComplete(select))) return this.side(select, place);
    const { larg, rarg } = select;
    if (larg === undefined || rarg === undefined) return '';
    const typed = (side: SelectStmt): Place => ({ ...place, typed: this.recorder.sides.get(side) });
    const chained = larg.op === select.op && (larg.all ?? false) === (select.all ?? false);
    const leftEnclosed = isSetOperation(larg) && !isComplete(larg) && !chained;
    let text = '';
    if (leftEnclosed) text += `(${sheet.line('', STEP, 0)}`;
    text += this.setOperation(larg, typed(larg), false);
    text += leftEnclosed ? sheet.line(') ', -STEP, 0) : sheet.line('', 0, 0);
    text += OPERATIONS[select.op ?? ''] + (select.all ? 'ALL ' : '');
    const rightEnclosed = isSetOperation(rarg) && !isComplete(rarg);
    if (rightEnclosed) text += '(';
    text +=
      sheet.line('', rightEnclosed ? STEP : 0, 0) +
      this.setOperation(rarg, { ...typed(rarg), namesVisible: false }, false);
    if (rightEnclosed) {
      sheet.shift(-STEP);
      text += sheet.line(')', 0, 0);
    }
    return text;
  }

  private side(select: SelectStmt, place: Place): string {
    const text = this.query(select, { ...place, sheet: new Sheet(place.sheet.indent) });
    return isSetOperation(select) || isComplete(select) ? `(${text})` : text;
  }

  private body(select: SelectStmt, place: Place, cx: PrintContext): string {
    const { sheet } = place;
    sheet.shift(STEP);
    if (select.valuesLists !== undefined) return ` ${this.values(select.valuesLists, cx)}`;
    let text = ` SELECT${this.distinct(select, cx)}`;
    text = this.targets(text, select, place, cx);
    text = this.fromClause(text, select, place, cx);
    if (select.whereClause !== undefined) {
      text += sheet.line(' WHERE ', -STEP, STEP, 1);
      text += this.expressions.node(select.whereClause, cx);
    }
    if (select.groupClause !== undefined) {
      text += sheet.line(' GROUP BY ', -STEP, STEP, 1) + (select.groupDistinct ? 'DISTINCT ' : '');
      text += groupItems(select.groupClause, (node) => this.expressions.sortItem(node, cx));
    }
    if (select.havingClause !== undefined) {
      text += sheet.line(' HAVING ', -STEP, STEP, 0);
      text += this.expressions.node(select.havingClause, cx);
    }
    return text + this.windowClause(select, sheet, cx);
  }

  private values(lists: readonly Node[], cx: PrintContext): string {
    const tuples = this.recorder.tuples.get(lists) ?? [];
    return `VALUES ${tuples.map((tuple) => `(${tuple.map((expr) => printExpr(expr, cx)).join(',')})`).join(', ')}`;
  }

  private distinct(select: SelectStmt, cx: PrintContext): string {
    if (select.distinctClause === undefined) return '';
    const record = this.recorder.selects.get(select);
    const on = record?.distinctOn ?? null;
    if (record === undefined || on === null) return ' DISTINCT';
    return ` DISTINCT ON (${on.map((entry) => printSortItem(record.entries[entry].expr, cx)).join(', ')})`;
  }

  private targets(start: string, select: SelectStmt, place: Place, cx: PrintContext): string {
    const entries = (this.recorder.selects.get(select)?.entries ?? []).filter((entry) => !entry.junk);
    let text = start;
    let multiline = false;
    entries.forEach((entry, i) => {
      text += i === 0 ? ' ' : ', ';
      const field = this.target(entry, i, place, cx);
      if (this.options.wrap >= 0 && !startsLine(field) && i > 0) {
        const length = lastLineLength(text) + Buffer.byteLength(field);
        if (length > this.options.wrap || multiline) text += place.sheet.line('', -STEP, STEP, PART_STEP);
      }
      multiline = hasLines(startsLine(field) ? field.slice(1) : field);
      text += field;
    });
    return text;
  }

  private target(entry: RecordedSelect['entries'][number], position: number, place: Place, cx: PrintContext): string {
    const settled = place.typed?.[position];
    const expr = entry.expr.kind === 'const' && settled?.kind === 'const' ? settled : entry.expr;
    const field = this.expressions.target(expr, cx);
    const column = expr.kind === 'column' ? this.rangeNames.column(expr.id) : undefined;
    const visible = place.namesVisible || this.options.parsed === true;
    const shown = column?.bare ?? (visible ? null : '?column?');
    const name = place.names?.[position] ?? entry.name;
    return shown === name ? field : `${field} AS ${quoteIdentifier(name)}`;
  }

  private fromClause(start: string, select: SelectStmt, { sheet, taken }: Place, cx: PrintContext): string {
    let text = start;
    const own = this.rangeNames.ownColumns(select);
    (select.fromClause ?? []).forEach((node, i) => {
      if (i === 0) {
        text += sheet.line(' FROM ', -STEP, STEP, 2);
        text += this.from.item(node, { sheet, taken, cx, own });
        return;
      }
      text += ', ';
      const item = this.from.item(node, { sheet, taken, cx, own });
      if (
        this.options.wrap >= 0 &&
        !startsLine(item) &&
        lastLineLength(text) + Buffer.byteLength(item) > this.options.wrap
      )
        text += sheet.line('', -STEP, STEP, PART_STEP);
      text += item;
    });
    return text;
  }

  private windowClause(select: SelectStmt, sheet: Sheet, cx: PrintContext): string {
    const windows = (select.windowClause ?? []).flatMap((node) =>
      'WindowDef' in node
        ? [`${quoteIdentifier(node.WindowDef.name ?? '')} AS ${this.expressions.windowSpec(node.WindowDef, cx)}`]
        : [],
    );
    return windows.length === 0 ? '' : sheet.line(' WINDOW ', -STEP, STEP, 1) + windows.join(', ');
  }

  /** Over set operations the columns are told by their numbers. */
  private orderItems(select: SelectStmt, cx: PrintContext, byNumber: boolean): string[] {
    const set = this.recorder.setQueries.get(select);
    if (set !== undefined) {
      return set.keys.map((key) => {
        const { expr } = key;
        const position = expr.kind === 'column' ? set.columns.findIndex((column) => column.id === expr.id) : -1;
        const text =
          byNumber || this.options.parsed
            ? String(position + 1)
            : `"*VALUES*".${quoteIdentifier(set.columns[position]?.name ?? '')}`;
        return text + sortDirection(key);
      });
    }
    const record = this.recorder.selects.get(select);
    if (record === undefined) return [];
    return record.order.map(({ entry, ...key }) => printOrderItem({ ...key, expr: record.entries[entry].expr }, cx));
  }

  private limits(select: SelectStmt, sheet: Sheet, cx: PrintContext): string {
    let text = '';
    if (select.limitOffset !== undefined) {
      text += sheet.line(' OFFSET ', -STEP, STEP, 0) + this.limit(select.limitOffset, cx);
    }
    if (select.limitCount === undefined) return text;
    if (select.limitOption === 'LIMIT_OPTION_WITH_TIES') {
      return `${text}${sheet.line(' FETCH FIRST ', -STEP, STEP, 0)}(${this.limit(select.limitCount, cx)}) ROWS WITH TIES`;
    }
    return text + sheet.line(' LIMIT ', -STEP, STEP, 0) + this.limit(select.limitCount, cx);
  }

  private limit(node: Node, cx: PrintContext): string {
    return 'A_Const' in node && node.A_Const.isnull ? 'ALL' : this.expressions.node(node, cx);
  }

  /** One clause for each table that is locked. */
  private locks(select: SelectStmt, sheet: Sheet): string {
    return (select.lockingClause ?? [])
      .flatMap((node) => {
        if (!('LockingClause' in node)) return [];
        const { strength, waitPolicy, lockedRels } = node.LockingClause;
        const names = (lockedRels ?? []).flatMap((rel) => ('RangeVar' in rel ? [rel.RangeVar.relname ?? ''] : []));
        const all = names.length > 0 ? names : lockable(select.fromClause ?? [], (item) => this.rangeNames.alias(item));
        const policy = waitPolicy === 'LockWaitError' ? ' NOWAIT' : waitPolicy === 'LockWaitSkip' ? ' SKIP LOCKED' : '';
        return all.map(
          (name) => `${sheet.line(LOCKS[strength ?? ''] ?? '', -STEP, STEP, 0)} OF ${quoteIdentifier(name)}${policy}`,
        );
      })
      .join('');
  }
}

function isSetOperation(select: SelectStmt): boolean {
  return select.op !== undefined && select.op !== 'SETOP_NONE';
}

/** A side of a set operation that has clauses of its own is a query of its own. */
function isComplete(select: SelectStmt): boolean {
  return (
    select.withClause !== undefined ||
    select.sortClause !== undefined ||
    select.limitCount !== undefined ||
    select.limitOffset !== undefined ||
    select.lockingClause !== undefined
  );
}

/** The FROM items that a locking clause without names is about. */
function lockable(nodes: readonly Node[], alias: (node: Node) => string): string[] {
  return nodes.flatMap((node) => {
    if (!('JoinExpr' in node)) return 'RangeVar' in node || 'RangeSubselect' in node ? [alias(node)] : [];
    return lockable(
      [node.JoinExpr.larg, node.JoinExpr.rarg].filter((side) => side !== undefined),
      alias,
    );
  });
}

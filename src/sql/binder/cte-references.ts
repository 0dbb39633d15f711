/**
 * Where a query's FROM clauses mean a common table expression from outside, and at which kind of place: a recursive query
 * may name itself at few. Names that an inner WITH takes for itself are left out.
 */
import type { JoinExpr, RangeVar, SelectStmt, SubLink, WithClause } from '@pgsql/types';

/** Where a reference stands, as messages call it; null: where a recursive one may stand. */
export type ReferencePlace =
  | 'within its non-recursive term'
  | 'within a subquery'
  | 'within an outer join'
  | 'within INTERSECT'
  | 'within EXCEPT'
  | null;

export type ReferenceVisitor = (range: RangeVar, place: ReferencePlace) => void;

/** Visits the references in any part of a syntax tree. */
export function walkReferences(root: unknown, place: ReferencePlace, visit: ReferenceVisitor): void {
  new ReferenceWalker(visit).walk(root, place, new Set());
}

/** Whether any of them has the name. */
export function refersTo(root: unknown, name: string): boolean {
  let found = false;
  walkReferences(root, null, (range) => {
    found ||= range.relname === name;
  });
  return found;
}

type Names = ReadonlySet<string>;

function isRange(value: object): value is { RangeVar: RangeVar } {
  return 'RangeVar' in value;
}

function isSelect(value: object): value is { SelectStmt: SelectStmt } {
  return 'SelectStmt' in value;
}

function isJoin(value: object): value is { JoinExpr: JoinExpr } {
  return 'JoinExpr' in value;
}

function isSubLink(value: object): value is { SubLink: SubLink } {
  return 'SubLink' in value;
}

function hasWith(value: object): value is { withClause: WithClause } {
  return 'withClause' in value;
}

class ReferenceWalker {
  constructor(private readonly visit: ReferenceVisitor) {}

  walk(value: unknown, place: ReferencePlace, hidden: Names): void {
    if (typeof value !== 'object' || value === null) return;
    if (isRange(value)) {
      const { schemaname, relname } = value.RangeVar;
      if (schemaname === undefined && !hidden.has(relname ?? '')) this.visit(value.RangeVar, place);
    } else if (isSelect(value)) this.walkSelect(value.SelectStmt, place, hidden);
    else if (isJoin(value)) this.walkJoin(value.JoinExpr, place, hidden);
    else if (isSubLink(value)) {
      this.walk(value.SubLink.subselect, 'within a subquery', hidden);
      this.walk(value.SubLink.testexpr, place, hidden);
    } else this.walkParts(value, place, hasWith(value) ? this.walkWith(value.withClause, place, hidden) : hidden);
  }

  private walkParts(value: object, place: ReferencePlace, hidden: Names): void {
    for (const [key, part] of Object.entries(value)) if (key !== 'withClause') this.walk(part, place, hidden);
  }

  private walkSelect(select: SelectStmt, place: ReferencePlace, outside: Names): void {
    const { withClause, larg, rarg, ...parts } = select;
    const hidden = withClause === undefined ? outside : this.walkWith(withClause, place, outside);
    const [left, right] = place === null ? sidePlaces(select) : [place, place];
    if (larg !== undefined) this.walkSelect(larg, left, hidden);
    if (rarg !== undefined) this.walkSelect(rarg, right, hidden);
    this.walkParts(parts, place, hidden);
  }

  private walkJoin({ jointype, larg, rarg, quals }: JoinExpr, place: ReferencePlace, hidden: Names): void {
    const padded = place ?? 'within an outer join';
    this.walk(larg, jointype === 'JOIN_RIGHT' || jointype === 'JOIN_FULL' ? padded : place, hidden);
    this.walk(rarg, jointype === 'JOIN_LEFT' || jointype === 'JOIN_FULL' ? padded : place, hidden);
    this.walk(quals, place, hidden);
  }

  /** The items' own queries; gives the names that what follows cannot see behind. */
  private walkWith(clause: WithClause, place: ReferencePlace, outside: Names): Names {
    const items = (clause.ctes ?? []).flatMap((node) => ('CommonTableExpr' in node ? [node.CommonTableExpr] : []));
    const all = new Set([...outside, ...items.map((item) => item.ctename ?? '')]);
    const known = new Set(outside);
    for (const item of items) {
      this.walk(item.ctequery, place, clause.recursive === true ? all : known);
      known.add(item.ctename ?? '');
    }
    return all;
  }
}

/** For the sides of a set operation that itself stands where a reference may. */
function sidePlaces({ op, all }: SelectStmt): [ReferencePlace, ReferencePlace] {
  if (op === 'SETOP_EXCEPT') return [all === true ? 'within EXCEPT' : null, 'within EXCEPT'];
  const both = op === 'SETOP_INTERSECT' && all === true ? 'within INTERSECT' : null;
  return [both, both];
}

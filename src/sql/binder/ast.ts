/** Small readers of syntax-tree shapes that many binder files need. */
import type { IntoClause, Node, SelectStmt } from '@pgsql/types';

/** The strings of a list of String nodes (qualified names). */
export function nameParts(nodes: readonly Node[] | undefined): string[] {
  const parts: string[] = [];
  for (const node of nodes ?? []) if ('String' in node) parts.push(node.String.sval ?? '');
  return parts;
}

/** Splits a qualified name into schema (null when absent) and name. A catalog name in front is dropped. */
export function splitName(parts: readonly string[]): { schema: string | null; name: string } {
  return {
    schema: parts.length > 1 ? parts[parts.length - 2] : null,
    name: parts.length > 0 ? parts[parts.length - 1] : '',
  };
}

/** INTO of SELECT … INTO, which stands in the leftmost query of a set operation. */
export function intoOf(select: SelectStmt): IntoClause | undefined {
  return select.larg === undefined ? select.intoClause : intoOf(select.larg);
}

/** Where an expression begins, in bytes; -1 when the tree does not say. */
export function locationOf(node: Node | undefined): number {
  if (node === undefined) return -1;
  const body: unknown = Object.values(node)[0];
  if (typeof body !== 'object' || body === null) return -1;
  if ('A_Expr' in node) {
    const left = locationOf(node.A_Expr.lexpr);
    const own = node.A_Expr.location ?? 0;
    return left >= 0 && left < own ? left : own;
  }
  if ('TypeCast' in node) {
    const arg = locationOf(node.TypeCast.arg);
    const own = node.TypeCast.location ?? 0;
    return arg >= 0 && arg < own ? arg : own;
  }
  if ('location' in body && typeof body.location === 'number') return body.location;
  if ('A_Indirection' in node) return locationOf(node.A_Indirection.arg);
  if ('RawStmt' in node || 'SelectStmt' in node) return -1;
  return 'name' in body || 'args' in body || 'fields' in body ? 0 : -1;
}

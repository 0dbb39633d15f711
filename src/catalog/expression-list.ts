/**
 * Where PostgreSQL stores a list of expression trees in one pg_node_tree (proargdefaults, indexprs), this server
 * stores the SQL texts as a JSON array; single expressions are plain SQL text.
 */

export function formatExpressionList(texts: readonly string[]): string {
  return JSON.stringify(texts);
}

/** Throws when the text is not such a list. */
export function parseExpressionList(text: string): readonly string[] {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed) || !parsed.every((item): item is string => typeof item === 'string')) {
    throw new Error('an expression list in the catalog is damaged');
  }
  return parsed;
}

/** Whether a stored text is such a list, and not one expression: none begins with a bracket. */
export function isExpressionList(text: string): boolean {
  return text.startsWith('["');
}

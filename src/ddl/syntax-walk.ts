/** Walks over syntax trees. Nodes are objects with one key that names their kind; some fields hold bodies directly. */

type Visit = (kind: string, body: object) => void;

/** Calls `visit` for every node below (and with) `node`, parents first. */
export function walkSyntax(node: unknown, visit: Visit): void {
  if (Array.isArray(node)) {
    for (const item of node) walkSyntax(item, visit);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) visit(key, value);
    walkSyntax(value, visit);
  }
}

/** The first node of a kind, with its location. */
export function findSyntax(node: unknown, wanted: string): { readonly location: number } | undefined {
  let found: { location: number } | undefined;
  walkSyntax(node, (kind, body) => {
    if (kind !== wanted || found !== undefined) return;
    found = { location: 'location' in body && typeof body.location === 'number' ? body.location : 0 };
  });
  return found;
}

/**
 * What names mean at a place of a function: variables inside labelled blocks. A chain that grows at its head and is never
 * changed, so that every expression can keep the names that it may use.
 */

export type NameEntry =
  | { readonly kind: 'label'; readonly name: string; readonly loop: boolean; readonly next: Names }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly dno: number;
      /** Its fields can be named as well. */
      readonly record: boolean;
      readonly next: Names;
    };

/** Null: no names. A label stands behind (and so outside of) the names of its block. */
export type Names = NameEntry | null;

export interface FoundName {
  readonly dno: number;
  readonly record: boolean;
  /** How many of the names were used up: the rest are fields. */
  readonly used: number;
}

/** The variable that `a`, `a.b` or `a.b.c` begins with; null for none. */
export function findName(names: Names, path: readonly string[]): FoundName | null {
  let entry = names;
  while (entry !== null) {
    // The variables of one block, up to its label.
    const block: NameEntry[] = [];
    while (entry !== null && entry.kind === 'variable') {
      block.push(entry);
      entry = entry.next;
    }
    const plain = variableIn(block, path[0]);
    if (plain !== null && (path.length === 1 || plain.record)) return { ...plain, used: 1 };
    if (entry === null) return null;
    if (path.length > 1 && entry.kind === 'label' && entry.name === path[0]) {
      const inner = variableIn(block, path[1]);
      if (inner !== null && (path.length === 2 || inner.record)) return { ...inner, used: 2 };
    }
    entry = entry.next;
  }
  return null;
}

function variableIn(block: readonly NameEntry[], name: string): { dno: number; record: boolean } | null {
  for (const entry of block)
    if (entry.kind === 'variable' && entry.name === name) return { dno: entry.dno, record: entry.record };
  return null;
}

/** The label of an enclosing block or loop. */
export function findLabel(names: Names, name: string): { readonly loop: boolean } | null {
  for (let entry = names; entry !== null; entry = entry.next)
    if (entry.kind === 'label' && entry.name === name && name !== '') return entry;
  return null;
}

/** Whether some loop encloses the place. */
export function insideLoop(names: Names): boolean {
  for (let entry = names; entry !== null; entry = entry.next) if (entry.kind === 'label' && entry.loop) return true;
  return false;
}

/** Whether the innermost block has a variable of this name. */
export function declaredHere(names: Names, name: string): boolean {
  for (let entry = names; entry !== null && entry.kind === 'variable'; entry = entry.next)
    if (entry.name === name) return true;
  return false;
}

/**
 * The rows of a long VALUES list in a form that takes little memory and is quickly sent: literals as plain values, all
 * other items as JSON. Nodes are made of them again, some rows at a time, when they are bound.
 */
import type { Node } from '@pgsql/types';

/** What an item is; its value says the rest. */
export const ItemKind = { Null: 0, Integer: 1, Float: 2, String: 3, Boolean: 4, Node: 5 } as const;

export type PackedValue = null | number | string | boolean;

/** Some of the rows: their items one after the other. */
export interface PackedPart {
  readonly rows: number;
  readonly kinds: Uint8Array;
  readonly values: readonly PackedValue[];
  /** Byte offsets in the whole text. */
  readonly locations: Uint32Array;
}

export class PackedRows {
  private readonly parts: { readonly first: number; readonly part: PackedPart }[] = [];
  private count = 0;

  constructor(
    readonly width: number,
    /** Whether each of the rows has DEFAULT in this place, the first row included. */
    readonly allDefault: readonly boolean[],
  ) {}

  /** Rows behind the first one, which is in the tree. */
  get length(): number {
    return this.count;
  }

  add(part: PackedPart): void {
    this.parts.push({ first: this.count, part });
    this.count += part.rows;
  }

  /** The rows from number `from` on as syntax nodes: as many as `most`, but not those of the next part. */
  lists(from: number, most: number): Node[] {
    const { first, part } = this.partOf(from);
    const lists: Node[] = [];
    for (let row = from - first; row < part.rows && lists.length < most; row++) {
      const items: Node[] = [];
      for (let i = row * this.width; i < (row + 1) * this.width; i++) items.push(itemNode(part, i));
      lists.push({ List: { items } });
    }
    return lists;
  }

  private partOf(row: number): { readonly first: number; readonly part: PackedPart } {
    let low = 0;
    let high = this.parts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.parts[middle].first <= row) low = middle;
      else high = middle - 1;
    }
    return this.parts[low];
  }
}

function itemNode(part: PackedPart, i: number): Node {
  const value = part.values[i];
  const location = part.locations[i];
  switch (part.kinds[i]) {
    case ItemKind.Null:
      return { A_Const: { isnull: true, location } };
    case ItemKind.Integer:
      return { A_Const: { ival: { ival: Number(value) }, location } };
    case ItemKind.Float:
      return { A_Const: { fval: { fval: String(value) }, location } };
    case ItemKind.String:
      return { A_Const: { sval: { sval: String(value) }, location } };
    case ItemKind.Boolean:
      return { A_Const: { boolval: { boolval: value === true }, location } };
    default: {
      const node: Node = JSON.parse(String(value));
      return node;
    }
  }
}

const byLists = new WeakMap<readonly Node[], PackedRows>();

/** Has `rows` follow the rows of a VALUES list. */
export function appendRows(lists: readonly Node[], rows: PackedRows): void {
  byLists.set(lists, rows);
}

/** The rows that follow those in the tree; undefined for the usual list, whose rows are all in the tree. */
export function furtherRows(lists: readonly Node[]): PackedRows | undefined {
  return byLists.get(lists);
}

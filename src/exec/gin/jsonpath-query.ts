/**
 * What a document must have for a jsonpath to find something in it. Only what is certain counts: keys that the path names,
 * and constants that it compares with. Everything else (negations, arithmetic, methods) lets any document through.
 */
import { JSON_NULL, type JsonbNode } from '../../types/json/jsonb.js';
import type { PathItem, PathNode } from '../../types/json/jsonpath.js';
import { parseJsonPath } from '../../types/json/jsonpath-parser.js';
import { allOf, anyOf, type GinQuery } from './gin-opclass.js';

/**
 * Queries for what a path says. `keys` lead from the root to a place, array elements left out; a null stands for a wildcard
 * (`.*`, `.**`), which may be several keys or none.
 */
export interface PathItems {
  whenPathExists(keys: readonly (string | null)[]): GinQuery;
  /** `value` is a scalar that is at the place, or an element of an array there. */
  whenPathHas(keys: readonly (string | null)[], value: JsonbNode): GinQuery;
}

const ANY_ROW: GinQuery = { kind: 'any row' };

/** For `@?`. */
export function pathQuery(items: PathItems, path: string): GinQuery {
  return new PathReader(items).exists(parseJsonPath(path).root, []);
}

/** For `@@`. */
export function pathMatchQuery(items: PathItems, path: string): GinQuery {
  return new PathReader(items).holds(parseJsonPath(path).root, []);
}

type Keys = readonly (string | null)[];

interface Place {
  readonly keys: Keys;
  /** Whether what is found there is a part of the document. */
  readonly isStored: boolean;
  /** Conditions met on the way. */
  readonly queries: readonly GinQuery[];
}

class PathReader {
  constructor(private readonly items: PathItems) {}

  /** The chain gives something; `current` leads to what `@` is. */
  exists(node: PathNode, current: Keys): GinQuery {
    const { keys, queries } = this.follow(node, current);
    return allOf([this.items.whenPathExists(keys), ...queries]);
  }

  /** The chain is a predicate that is true. */
  holds(node: PathNode, current: Keys): GinQuery {
    const [item] = node;
    if (node.length > 1) return this.has(node, true, current);
    switch (item.kind) {
      case 'comparison':
        return this.comparison(item, current);
      case 'and':
        return allOf([this.holds(item.left, current), this.holds(item.right, current)]);
      case 'or':
        return anyOf([this.holds(item.left, current), this.holds(item.right, current)]);
      case 'exists':
      case 'likeRegex':
        return this.exists(item.operand, current);
      case 'startsWith':
        return this.exists(item.left, current);
      case 'not':
      case 'isUnknown':
        return ANY_ROW;
      default:
        return this.has(node, true, current);
    }
  }

  private comparison(item: PathItem & { kind: 'comparison' }, current: Keys): GinQuery {
    const { left, right, operator } = item;
    if (operator === '==') {
      const value = literalOf(right);
      if (value !== undefined) return this.has(left, value, current);
      const other = literalOf(left);
      if (other !== undefined) return this.has(right, other, current);
    }
    return allOf([this.exists(left, current), this.exists(right, current)]);
  }

  private has(node: PathNode, value: JsonbNode, current: Keys): GinQuery {
    const { keys, isStored, queries } = this.follow(node, current);
    const found = isStored ? this.items.whenPathHas(keys, value) : this.items.whenPathExists(keys);
    return allOf([found, ...queries]);
  }

  private follow(node: PathNode, current: Keys): Place {
    let keys: Keys = [];
    const queries: GinQuery[] = [];
    for (const item of node) {
      switch (item.kind) {
        case 'root':
          break;
        case 'current':
          keys = current;
          break;
        case 'key':
          keys = [...keys, item.name];
          break;
        case 'anyKey':
        case 'anyLevel':
          keys = [...keys, null];
          break;
        case 'anyElement':
        case 'subscripts':
          break;
        case 'filter':
          queries.push(this.holds(item.condition, keys));
          break;
        default:
          return { keys, isStored: false, queries };
      }
    }
    return { keys, isStored: true, queries };
  }
}

/** The constant that a chain is; undefined when it is more. */
function literalOf(node: PathNode): JsonbNode | undefined {
  const [item] = node;
  if (node.length > 1 || item.kind !== 'literal') return undefined;
  return item.value === null ? JSON_NULL : item.value;
}

/**
 * jsonb_path_ops: an item for each scalar value of a document, a hash of the value and of the keys that lead to it. Arrays
 * are no part of the way. Objects and arrays without a scalar have no items.
 */
import type { Datum } from '../../types/datum.js';
import { JsonbArray, type JsonbNode, JsonbObject } from '../../types/json/jsonb.js';
import { encodeJsonbKey } from '../../types/json/jsonb-order.js';
import { keyText } from '../../types/ordered-key.js';
import { allOf, type GinOpclass, type GinQuery } from './gin-opclass.js';
import { itemHash } from './item-hash.js';
import { asJsonb, asText } from './jsonb-items.js';
import { type PathItems, pathMatchQuery, pathQuery } from './jsonpath-query.js';

const CONTAINS = 7;
const PATH_EXISTS = 15;
const PATH_MATCHES = 16;

export class JsonbPathItems implements GinOpclass, PathItems {
  items(value: Datum): Set<string> {
    const items = new Set<string>();
    collect(asJsonb(value), '', items);
    return items;
  }

  query(strategy: number, value: Datum): GinQuery {
    switch (strategy) {
      case CONTAINS:
        return allOf([...this.items(value)].map((item): GinQuery => ({ kind: 'item', item })));
      case PATH_EXISTS:
        return pathQuery(this, asText(value));
      case PATH_MATCHES:
        return pathMatchQuery(this, asText(value));
      default:
        throw new Error(`jsonb_path_ops has no operator ${strategy}`);
    }
  }

  whenPathExists(): GinQuery {
    return { kind: 'any row' };
  }

  whenPathHas(keys: readonly (string | null)[], value: JsonbNode): GinQuery {
    let path = '';
    for (const key of keys) {
      if (key === null) return { kind: 'any row' };
      path += keyText(key);
    }
    return { kind: 'item', item: item(path, value) };
  }
}

function collect(node: JsonbNode, path: string, items: Set<string>): void {
  if (node instanceof JsonbObject) node.keys.forEach((key, i) => collect(node.values[i], path + keyText(key), items));
  else if (node instanceof JsonbArray) for (const element of node.elements) collect(element, path, items);
  else items.add(item(path, node));
}

function item(path: string, value: JsonbNode): string {
  return itemHash(path + encodeJsonbKey(value));
}

/**
 * jsonb_ops: the items of a document are its keys, wherever they stand, and its scalar values. Strings in arrays are taken
 * for keys, because `?` finds them as it finds keys; so is a document that is a single string.
 */
import { type Datum, PgArray } from '../../types/datum.js';
import { isJsonbNode, JsonbArray, type JsonbNode, JsonbObject } from '../../types/json/jsonb.js';
import { encodeJsonbKey } from '../../types/json/jsonb-order.js';
import { keyText } from '../../types/ordered-key.js';
import { allOf, anyOf, type GinOpclass, type GinQuery } from './gin-opclass.js';
import { type PathItems, pathMatchQuery, pathQuery } from './jsonpath-query.js';
import { shortItem } from './long-item.js';

const CONTAINS = 7;
const EXISTS = 9;
const EXISTS_ANY = 10;
const EXISTS_ALL = 11;
const PATH_EXISTS = 15;
const PATH_MATCHES = 16;

const KEY = 'k';
const VALUE = 'v';

export class JsonbItems implements GinOpclass, PathItems {
  items(value: Datum): Set<string> {
    const items = new Set<string>();
    collect(asJsonb(value), true, items);
    return items;
  }

  query(strategy: number, value: Datum): GinQuery {
    switch (strategy) {
      case CONTAINS:
        return allOf([...this.items(value)].map(itemQuery));
      case EXISTS:
        return itemQuery(keyItem(asText(value)));
      case EXISTS_ANY:
        return anyOf(texts(value).map((key) => itemQuery(keyItem(key))));
      case EXISTS_ALL:
        return allOf(texts(value).map((key) => itemQuery(keyItem(key))));
      case PATH_EXISTS:
        return pathQuery(this, asText(value));
      case PATH_MATCHES:
        return pathMatchQuery(this, asText(value));
      default:
        throw new Error(`jsonb_ops has no operator ${strategy}`);
    }
  }

  /** The keys of the path have to be somewhere. */
  whenPathExists(keys: readonly (string | null)[]): GinQuery {
    return allOf(keys.flatMap((key) => (key === null ? [] : [itemQuery(keyItem(key))])));
  }

  whenPathHas(keys: readonly (string | null)[], value: JsonbNode): GinQuery {
    const plain = itemQuery(valueItem(value));
    // The string may be an element of an array.
    const found = typeof value === 'string' ? anyOf([plain, itemQuery(keyItem(value))]) : plain;
    return allOf([this.whenPathExists(keys), found]);
  }
}

function collect(node: JsonbNode, isElement: boolean, items: Set<string>): void {
  if (node instanceof JsonbObject) {
    node.keys.forEach((key, i) => {
      items.add(keyItem(key));
      collect(node.values[i], false, items);
    });
  } else if (node instanceof JsonbArray) for (const element of node.elements) collect(element, true, items);
  else items.add(isElement && typeof node === 'string' ? keyItem(node) : valueItem(node));
}

function itemQuery(item: string): GinQuery {
  return { kind: 'item', item };
}

function keyItem(key: string): string {
  return shortItem(KEY + keyText(key));
}

function valueItem(value: JsonbNode): string {
  return shortItem(VALUE + encodeJsonbKey(value));
}

export function asJsonb(value: Datum): JsonbNode {
  if (!isJsonbNode(value)) throw new Error('a jsonb value is expected');
  return value;
}

export function asText(value: Datum): string {
  if (typeof value !== 'string') throw new Error('a text is expected');
  return value;
}

/** The texts of an array; NULLs are passed over, as the operators do. */
function texts(value: Datum): string[] {
  if (!(value instanceof PgArray)) throw new Error('an array of texts is expected');
  return value.elements.flatMap((element) => (element === null ? [] : [asText(element)]));
}

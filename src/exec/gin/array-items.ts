/** array_ops: the items of an array are its elements. NULL elements are none: no operator finds a row by them. */
import { type Datum, PgArray } from '../../types/datum.js';
import type { TypeCodec } from '../../types/type-codec.js';
import { allOf, anyOf, type GinOpclass, type GinQuery } from './gin-opclass.js';
import { shortItem } from './long-item.js';

const OVERLAPS = 1;
const CONTAINS = 2;
const CONTAINED = 3;
const EQUALS = 4;

export class ArrayItems implements GinOpclass {
  constructor(private readonly element: TypeCodec) {}

  items(value: Datum): Set<string> {
    const items = new Set<string>();
    if (!(value instanceof PgArray)) throw new Error('array_ops is for arrays');
    for (const element of value.elements) {
      if (element !== null) items.add(shortItem(this.element.encodeKey(element)));
    }
    return items;
  }

  query(strategy: number, value: Datum): GinQuery {
    const items = [...this.items(value)].map((item): GinQuery => ({ kind: 'item', item }));
    switch (strategy) {
      case OVERLAPS:
        return anyOf(items);
      case CONTAINS:
        return allOf(items);
      case CONTAINED:
        return anyOf([...items, { kind: 'no items' }]);
      case EQUALS:
        return items.length === 0 ? { kind: 'no items' } : allOf(items);
      default:
        throw new Error(`array_ops has no operator ${strategy}`);
    }
  }
}

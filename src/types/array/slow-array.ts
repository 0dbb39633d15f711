/** Texts of long arrays, read and written in slices. */
import { eachPart, type Task } from '../../util/task.js';
import { type Datum, PgArray } from '../datum.js';
import type { SlowText, TypeCodec } from '../type-codec.js';
import { arrayHeader, arrayItem, formatArrayItems, parseLongArrayLiteral } from './array-literal.js';

const LONG_TEXT = 32 * 1024;
/** An array of more elements takes long. */
export const MANY_ELEMENTS = 8192;

/** Room for so many elements: holes that are all to be filled. A list that is made too long at once would be a table of its indexes. */
export function roomFor<T = Datum>(count: number): T[] {
  return count <= MOST_AT_ONCE ? new Array<T>(count) : [];
}

/** A copy of a long list, made in slices. */
export function* copyInSlices<T>(list: readonly T[]): Task<T[]> {
  const copy = roomFor<T>(list.length);
  yield* eachPart(list.length, (from, to) => {
    for (let i = from; i < to; i++) copy[i] = list[i];
    return true;
  });
  return copy;
}

const MOST_AT_ONCE = 2 ** 24;

export function slowArray(elementType: number, element: TypeCodec, delimiter: string): SlowText<PgArray> {
  return {
    longText: LONG_TEXT,
    *parse(text, cx) {
      const literal = yield* parseLongArrayLiteral(text, delimiter);
      const texts = literal.elements;
      const elements = roomFor(texts.length);
      yield* eachPart(texts.length, (from, to) => {
        for (let i = from; i < to; i++) {
          const item = texts[i];
          elements[i] = item === null ? null : element.parse(item, cx, -1);
        }
        return true;
      });
      return new PgArray(elementType, literal.dims, literal.lowerBounds, elements);
    },
    isLarge: (array) => array.elements.length > MANY_ELEMENTS,
    *format({ dims, lowerBounds, elements }, cx) {
      const text = (item: Datum): string => arrayItem(item === null ? null : element.format(item, cx), delimiter);
      if (dims.length !== 1) {
        const items: string[] = [];
        yield* eachPart(elements.length, (from, to) => {
          for (let i = from; i < to; i++) items.push(text(elements[i]));
          return true;
        });
        return formatArrayItems(dims, lowerBounds, items, delimiter);
      }
      let joined = `${arrayHeader(dims, lowerBounds)}{`;
      yield* eachPart(elements.length, (from, to) => {
        joined += (from === 0 ? '' : delimiter) + elements.slice(from, to).map(text).join(delimiter);
        return true;
      });
      return `${joined}}`;
    },
  };
}

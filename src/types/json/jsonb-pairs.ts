/** Objects of very many members, put in order in slices: the same as `JsonbObject.fromPairs` gives. */
import { sortIndexes } from '../../util/sort-indexes.js';
import { eachPart, SlicePace, type Task } from '../../util/task.js';
import { copyInSlices } from '../array/slow-array.js';
import { compareCodePoints, utf8Length } from './code-point-order.js';
import { type JsonbNode, JsonbObject } from './jsonb.js';

/** Sorts the members; of equal keys the last wins. The lists are left as they are. */
export function* objectInSlices(keys: readonly string[], values: readonly JsonbNode[]): Task<JsonbObject> {
  const lengths = new Uint32Array(keys.length);
  const order = (a: number, b: number): number => lengths[a] - lengths[b] || compareCodePoints(keys[a], keys[b]);
  let sorted = true;
  yield* eachPart(keys.length, (from, to) => {
    for (let i = from; i < to; i++) {
      lengths[i] = utf8Length(keys[i]);
      if (i > 0 && sorted) sorted = order(i - 1, i) < 0;
    }
    return true;
  });
  if (sorted) return new JsonbObject(yield* copyInSlices(keys), yield* copyInSlices(values));
  const positions = yield* sortIndexes(new SlicePace(), keys.length, order);
  const sortedKeys: string[] = [];
  const sortedValues: JsonbNode[] = [];
  yield* eachPart(positions.length, (from, to) => {
    for (let i = from; i < to; i++) {
      // Of equal keys the last one is the last in the list, for the sort is stable.
      if (i + 1 < positions.length && keys[positions[i]] === keys[positions[i + 1]]) continue;
      sortedKeys.push(keys[positions[i]]);
      sortedValues.push(values[positions[i]]);
    }
    return true;
  });
  return new JsonbObject(sortedKeys, sortedValues);
}

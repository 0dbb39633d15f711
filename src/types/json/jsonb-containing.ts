/**
 * Containment (`@>`) of large jsonb, in slices. Equal scalars are found through a set that is made once for an array of
 * the outer value; containers are compared one by one, as in jsonb-contains.ts.
 */
import { inSlices, type Task } from '../../util/task.js';
import type { GroupKey } from '../type-codec.js';
import { isContainer, JsonbArray, type JsonbNode, JsonbObject } from './jsonb.js';
import { containsJsonb } from './jsonb-contains.js';
import { jsonbGroupKey } from './jsonb-order.js';

export function* containsInSlices(outer: JsonbNode, inner: JsonbNode): Task<boolean> {
  // Only at the top an array contains a scalar.
  if (!isContainer(outer) || !isContainer(inner)) return containsJsonb(outer, inner);
  let result = false;
  const steps = new Containing().steps(outer, inner);
  yield* inSlices(() => {
    for (let i = 0; i < STEPS; i++) {
      const step = steps.next();
      if (!step.done) continue;
      result = step.value;
      return true;
    }
    return false;
  });
  return result;
}

/** Elements that are looked at between two looks at the clock. */
const STEPS = 128;

type Steps = Generator<undefined, boolean>;

/** The elements of an array: keys of its scalars, and its containers. */
interface Elements {
  readonly scalars: ReadonlySet<GroupKey>;
  readonly containers: readonly JsonbNode[];
}

class Containing {
  private readonly known = new Map<JsonbArray, Elements>();

  *steps(outer: JsonbNode, inner: JsonbNode): Steps {
    if (inner instanceof JsonbObject) return outer instanceof JsonbObject && (yield* this.object(outer, inner));
    if (inner instanceof JsonbArray) return outer instanceof JsonbArray && (yield* this.array(outer, inner));
    return containsJsonb(outer, inner);
  }

  private *object(outer: JsonbObject, inner: JsonbObject): Steps {
    if (inner.keys.length > outer.keys.length) return false;
    for (let i = 0; i < inner.keys.length; i++) {
      yield;
      const value = outer.get(inner.keys[i]);
      if (value === undefined || !(yield* this.value(value, inner.values[i]))) return false;
    }
    return true;
  }

  /** Below the top, a scalar is contained only in an equal scalar, not in an array. */
  private *value(outer: JsonbNode, inner: JsonbNode): Steps {
    if (!isContainer(inner) && isContainer(outer)) return false;
    return yield* this.steps(outer, inner);
  }

  private *array(outer: JsonbArray, inner: JsonbArray): Steps {
    const { scalars, containers } = yield* this.elements(outer);
    for (const wanted of inner.elements) {
      yield;
      if (!isContainer(wanted)) {
        if (!scalars.has(jsonbGroupKey(wanted))) return false;
        continue;
      }
      let found = false;
      for (let i = 0; i < containers.length && !found; i++) {
        yield;
        found = yield* this.value(containers[i], wanted);
      }
      if (!found) return false;
    }
    return true;
  }

  private *elements(array: JsonbArray): Generator<undefined, Elements> {
    const before = this.known.get(array);
    if (before !== undefined) return before;
    const scalars = new Set<GroupKey>();
    const containers: JsonbNode[] = [];
    for (const element of array.elements) {
      yield;
      if (isContainer(element)) containers.push(element);
      else scalars.add(jsonbGroupKey(element));
    }
    const made = { scalars, containers };
    this.known.set(array, made);
    return made;
  }
}

/**
 * Subscripts of jsonb, `j['a'][0]`, and assignment to them: what the expression compiler calls. Subscripts are text;
 * an integer subscript comes as its decimal text.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { JSON_NULL, JsonbArray, type JsonbNode, JsonbObject } from './jsonb.js';

/** An array subscript given as text, as PostgreSQL reads it from a path; null when it is not one. */
export function parsePathIndex(text: string): number | null {
  if (!/^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(text)) return null;
  const index = Number(text.trim());
  return index >= -2147483648 && index <= 2147483647 ? index : null;
}

/** `node[path]…`: NULL when a subscript is NULL or there is nothing there. */
export function subscriptJsonb(node: JsonbNode | null, path: readonly (string | null)[]): JsonbNode | null {
  let current = node;
  for (const step of path) {
    if (current === null || step === null) return null;
    if (current instanceof JsonbObject) current = current.get(step) ?? null;
    else if (current instanceof JsonbArray) {
      const index = parsePathIndex(step);
      if (index === null) return null;
      current = current.elements[index < 0 ? current.elements.length + index : index] ?? null;
    } else return null;
  }
  return current;
}

/**
 * `node[path]… = value`, creating what is missing on the way; gaps in arrays become JSON null. A NULL `node` counts as
 * an empty array when `firstIsInteger` (the type of the first subscript), else as an empty object. A NULL value is
 * stored as JSON null.
 */
export function assignJsonb(
  node: JsonbNode | null,
  path: readonly (string | null)[],
  firstIsInteger: boolean,
  value: JsonbNode | null,
): JsonbNode {
  const steps = path.map((step) => {
    if (step === null) throw sqlError('null_value_not_allowed', 'jsonb subscript in assignment must not be null');
    return step;
  });
  const target = node ?? (firstIsInteger ? new JsonbArray([]) : new JsonbObject([], []));
  return assign(target, steps, 0, value ?? JSON_NULL);
}

function notComposite(): SqlError {
  return sqlError('invalid_parameter_value', 'cannot replace existing key', {
    detail: 'The path assumes key is a composite object, but it is a scalar value.',
  });
}

function assign(node: JsonbNode, path: readonly string[], level: number, value: JsonbNode): JsonbNode {
  if (level === path.length) return value;
  const step = path[level];
  if (node instanceof JsonbObject) {
    const position = node.indexOf(step);
    if (position >= 0)
      return new JsonbObject(
        node.keys,
        node.values.with(position, assign(node.values[position], path, level + 1, value)),
      );
    return JsonbObject.fromPairs([...node.keys, step], [...node.values, build(path, level + 1, value)]);
  }
  if (!(node instanceof JsonbArray)) throw notComposite();
  const given = parsePathIndex(step);
  if (given === null)
    throw sqlError('invalid_text_representation', `path element at position ${level + 1} is not an integer: "${step}"`);
  const { elements } = node;
  const index = given < 0 ? elements.length + given : given;
  if (index < 0)
    throw sqlError('invalid_parameter_value', `path element at position ${level + 1} is out of range: ${given}`);
  if (index < elements.length)
    return new JsonbArray(elements.with(index, assign(elements[index], path, level + 1, value)));
  return new JsonbArray([...elements, ...nulls(index - elements.length), build(path, level + 1, value)]);
}

/** The value below what the path names from `level` on: arrays for integers, objects for other subscripts. */
function build(path: readonly string[], level: number, value: JsonbNode): JsonbNode {
  if (level === path.length) return value;
  const inner = build(path, level + 1, value);
  const index = parsePathIndex(path[level]);
  return index === null
    ? new JsonbObject([path[level]], [inner])
    : new JsonbArray([...nulls(Math.max(0, index)), inner]);
}

function nulls(count: number): JsonbNode[] {
  return new Array<JsonbNode>(count).fill(JSON_NULL);
}

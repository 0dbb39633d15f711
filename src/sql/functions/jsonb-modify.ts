/** Functions that make a changed copy of a jsonb value: jsonb_set and kin, deletion, concatenation, stripping. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import type { PgArray } from '../../types/datum.js';
import { isContainer, JSON_NULL, JsonbArray, type JsonbNode, JsonbObject } from '../../types/json/jsonb.js';
import { parsePathIndex } from '../../types/json/jsonb-access.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

/** What happens at the place that a path names. */
type PathAction = 'create' | 'replace' | 'delete' | 'insert before' | 'insert after';

function invalid(message: string, hint?: string): SqlError {
  return sqlError('invalid_parameter_value', message, hint === undefined ? {} : { hint });
}

/** One walk down a path; `replacement` is unused for `delete`. */
class PathChange {
  constructor(
    private readonly path: PgArray,
    private readonly replacement: JsonbNode,
    private readonly action: PathAction,
  ) {}

  private get adds(): boolean {
    return this.action === 'create' || this.action.startsWith('insert');
  }

  apply(node: JsonbNode, level: number): JsonbNode {
    const step = this.path.elements[level];
    if (step === null) throw sqlError('null_value_not_allowed', `path element at position ${level + 1} is null`);
    if (!isContainer(node)) return node;
    const last = level === this.path.elements.length - 1;
    return node instanceof JsonbObject
      ? this.changeObject(node, String(step), level, last)
      : this.changeArray(node, String(step), level, last);
  }

  private changeObject(node: JsonbObject, key: string, level: number, last: boolean): JsonbNode {
    const position = node.indexOf(key);
    if (position < 0) {
      if (!last || !this.adds) return node;
      return JsonbObject.fromPairs(node.keys.concat(key), node.values.concat(this.replacement));
    }
    if (!last)
      return new JsonbObject(node.keys, node.values.with(position, this.apply(node.values[position], level + 1)));
    switch (this.action) {
      case 'delete':
        return new JsonbObject(spliced(node.keys, position, 1), spliced(node.values, position, 1));
      case 'create':
      case 'replace':
        return new JsonbObject(node.keys, node.values.with(position, this.replacement));
      default:
        throw invalid('cannot replace existing key', 'Try using the function jsonb_set to replace key value.');
    }
  }

  private changeArray(node: JsonbArray, step: string, level: number, last: boolean): JsonbNode {
    const { elements } = node;
    const given = parsePathIndex(step);
    if (given === null)
      throw sqlError(
        'invalid_text_representation',
        `path element at position ${level + 1} is not an integer: "${step}"`,
      );
    const index = given < 0 ? elements.length + given : given;
    if (index < 0 || index >= elements.length) {
      if (!last || !this.adds) return node;
      return new JsonbArray(spliced(elements, index < 0 ? 0 : elements.length, 0, this.replacement));
    }
    if (!last) return new JsonbArray(elements.with(index, this.apply(elements[index], level + 1)));
    switch (this.action) {
      case 'delete':
        return new JsonbArray(spliced(elements, index, 1));
      case 'insert before':
        return new JsonbArray(spliced(elements, index, 0, this.replacement));
      case 'insert after':
        return new JsonbArray(spliced(elements, index + 1, 0, this.replacement));
      default:
        return new JsonbArray(elements.with(index, this.replacement));
    }
  }
}

/** As toSpliced, which is several times as slow for long lists. */
function spliced<T>(list: readonly T[], at: number, removed: number, ...added: T[]): T[] {
  const copy = list.slice();
  copy.splice(at, removed, ...added);
  return copy;
}

function isEmpty(node: JsonbNode): boolean {
  return node instanceof JsonbObject
    ? node.keys.length === 0
    : node instanceof JsonbArray && node.elements.length === 0;
}

/** @throws SqlError 2202E where a path has dimensions */
export function checkPath(path: PgArray): void {
  if (path.dims.length > 1) throw sqlError('array_subscript_error', 'wrong number of array subscripts');
}

function changeAt(node: JsonbNode, path: PgArray, replacement: JsonbNode, action: PathAction): JsonbNode {
  checkPath(path);
  if (!isContainer(node)) throw invalid(`cannot ${action === 'delete' ? 'delete' : 'set'} path in scalar`);
  if (isEmpty(node) && (action === 'replace' || action === 'delete')) return node;
  if (path.elements.length === 0) return node;
  return new PathChange(path, replacement, action).apply(node, 0);
}

function set(node: JsonbNode, path: PgArray, replacement: JsonbNode, create: boolean): JsonbNode {
  return changeAt(node, path, replacement, create ? 'create' : 'replace');
}

const NULL_TREATMENTS =
  'null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"';

function setLax(
  node: JsonbNode | null,
  path: PgArray | null,
  replacement: JsonbNode | null,
  create: boolean | null,
  treatment: string | null,
): JsonbNode | null {
  if (node === null || path === null || create === null) return null;
  if (treatment === null) throw invalid(NULL_TREATMENTS);
  if (replacement !== null) return set(node, path, replacement, create);
  switch (treatment) {
    case 'raise_exception':
      throw sqlError('null_value_not_allowed', 'JSON value must not be null', {
        detail: 'Exception was raised because null_value_treatment is "raise_exception".',
        hint: 'To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.',
      });
    case 'use_json_null':
      return set(node, path, JSON_NULL, create);
    case 'delete_key':
      return changeAt(node, path, JSON_NULL, 'delete');
    case 'return_target':
      return node;
    default:
      throw invalid(NULL_TREATMENTS);
  }
}

/** A copy of an object without the members that `unwanted` names. */
function withoutKeys(node: JsonbObject, unwanted: (key: string) => boolean): JsonbObject {
  const kept = node.keys.map((_, i) => i).filter((i) => !unwanted(node.keys[i]));
  if (kept.length === node.keys.length) return node;
  return new JsonbObject(
    kept.map((i) => node.keys[i]),
    kept.map((i) => node.values[i]),
  );
}

function deleteKeys(node: JsonbNode, unwanted: (key: string) => boolean): JsonbNode {
  if (node instanceof JsonbObject) return withoutKeys(node, unwanted);
  if (!(node instanceof JsonbArray)) throw invalid('cannot delete from scalar');
  return new JsonbArray(node.elements.filter((element) => typeof element !== 'string' || !unwanted(element)));
}

function deleteKeyList(node: JsonbNode, keys: PgArray): JsonbNode {
  checkPath(keys);
  const unwanted = new Set(keys.elements);
  return deleteKeys(node, (key) => unwanted.has(key));
}

function deleteIndex(node: JsonbNode, index: number): JsonbNode {
  if (node instanceof JsonbObject) throw invalid('cannot delete from object using integer index');
  if (!(node instanceof JsonbArray)) throw invalid('cannot delete from scalar');
  const position = index < 0 ? node.elements.length + index : index;
  if (position < 0 || position >= node.elements.length) return node;
  return new JsonbArray(spliced(node.elements, position, 1));
}

/** `||`: objects merge; anything else is joined as arrays, in which a non-array counts as one element. */
function concatenate(a: JsonbNode, b: JsonbNode): JsonbNode {
  if (a instanceof JsonbObject && b instanceof JsonbObject) {
    if (a.keys.length === 0) return b;
    if (b.keys.length === 0) return a;
    return JsonbObject.fromPairs(a.keys.concat(b.keys), a.values.concat(b.values));
  }
  const elements = (node: JsonbNode): readonly JsonbNode[] => (node instanceof JsonbArray ? node.elements : [node]);
  return new JsonbArray(elements(a).concat(elements(b)));
}

/** Removes members whose value is null, at every level; nulls in arrays stay. */
export function stripNulls(node: JsonbNode): JsonbNode {
  if (node instanceof JsonbArray) return new JsonbArray(node.elements.map(stripNulls));
  if (!(node instanceof JsonbObject)) return node;
  const kept = withoutKeys(node, (key) => node.get(key) === JSON_NULL);
  return new JsonbObject(kept.keys, kept.values.map(stripNulls));
}

export const jsonbModifyFunctions: FunctionFamily = plainFunctions({
  jsonb_set: set,
  jsonb_set_lax: setLax,
  jsonb_insert: (node: JsonbNode, path: PgArray, value: JsonbNode, after: boolean) =>
    changeAt(node, path, value, after ? 'insert after' : 'insert before'),
  jsonb_delete: (node: JsonbNode, key: string) => deleteKeys(node, (name) => name === key),
  jsonb_delete_array: deleteKeyList,
  jsonb_delete_idx: deleteIndex,
  jsonb_delete_path: (node: JsonbNode, path: PgArray) => changeAt(node, path, JSON_NULL, 'delete'),
  jsonb_concat: concatenate,
  jsonb_strip_nulls: stripNulls,
});

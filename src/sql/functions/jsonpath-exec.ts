/**
 * Evaluation of jsonpath. Every step is a generator of nodes, so that a path is evaluated only as far as its results
 * are asked for. Errors of evaluation (structure, arithmetic) make predicates unknown, and
 * end silent calls; `FatalPathError`s always reach the client.
 */
import { SqlError, sqlError } from '../../errors/sql-error.js';
import type { ConditionName } from '../../errors/sqlstate.js';
import { compareCodePoints } from '../../types/json/code-point-order.js';
import { absolute, calculate, negate, roundTo, truncateToInt4 } from '../../types/json/json-arithmetic.js';
import {
  isContainer,
  JSON_NULL,
  JsonbArray,
  type JsonbNode,
  JsonbObject,
  jsonbType,
  parseNumberNode,
} from '../../types/json/jsonb.js';
import { compareNumbers, isNumberNode } from '../../types/json/jsonb-order.js';
import type { ComparisonOperator, JsonPath, PathItem, PathMethod, PathNode } from '../../types/json/jsonpath.js';
import { datetimeNotSupported } from '../../types/json/jsonpath-parser.js';
import type { Numeric } from '../../types/numeric/numeric.js';
import { checkEffort } from '../../util/effort.js';
import { compilePathRegex, FatalPathError } from './jsonpath-regex.js';

type Nodes = Iterable<JsonbNode>;
/** SQL's three values; null is unknown. */
type Truth = boolean | null;

function pathError(condition: ConditionName, message: string): SqlError {
  return sqlError(condition, message);
}

function isSuppressible(error: unknown): boolean {
  return error instanceof SqlError && !(error instanceof FatalPathError) && error.code !== '0A000';
}

function checkVars(vars: JsonbNode | null): JsonbObject | null {
  if (vars === null || vars instanceof JsonbObject) return vars;
  throw sqlError('invalid_parameter_value', '"vars" argument is not an object', {
    detail: 'Jsonpath parameters should be encoded as key-value pairs of "vars" object.',
  });
}

/** The results of a path; with `silent` they end at the first error. Without `vars` every variable is null. */
export function* queryPath(path: JsonPath, target: JsonbNode, vars: JsonbNode | null, silent: boolean): Nodes {
  const execution = new PathExecution(path.strict, target, checkVars(vars));
  try {
    yield* execution.run(path.root, target);
  } catch (error) {
    if (!silent || !isSuppressible(error)) throw error;
  }
}

/** Whether a path has results; with `silent` null where an error comes first (in strict mode: anywhere). */
export function pathExists(path: JsonPath, target: JsonbNode, vars: JsonbNode | null, silent: boolean): Truth {
  const execution = new PathExecution(path.strict, target, checkVars(vars));
  try {
    return execution.exists(path.root, target);
  } catch (error) {
    if (!silent || !isSuppressible(error)) throw error;
    return null;
  }
}

function children(node: JsonbNode): readonly JsonbNode[] {
  if (node instanceof JsonbObject) return node.values;
  return node instanceof JsonbArray ? node.elements : [];
}

class PathExecution {
  /** What `@` is. */
  private current: JsonbNode;
  /** Length of the array whose subscripts are being evaluated, or -1. */
  private arrayLength = -1;
  /** Missing members and wrong kinds of containers give nothing instead of an error. */
  private lenient: boolean;

  constructor(
    private readonly strict: boolean,
    private readonly root: JsonbNode,
    private readonly vars: JsonbObject | null,
  ) {
    this.current = root;
    this.lenient = !strict;
  }

  run(node: PathNode, target: JsonbNode): Nodes {
    return this.step(node, 0, target, !this.strict);
  }

  /** The results of the chain from item `index` on, applied to `target`. */
  private *step(node: PathNode, index: number, target: JsonbNode, unwrap: boolean): Nodes {
    if (index === node.length) {
      yield target;
      return;
    }
    const item = node[index];
    if (unwrap && target instanceof JsonbArray && unwrapsTarget(item)) {
      for (const element of target.elements) {
        checkEffort();
        yield* this.step(node, index, element, false);
      }
      return;
    }
    const next = index + 1;
    const last = next === node.length;
    for (const result of this.apply(item, target)) {
      checkEffort();
      if (last) yield result;
      else yield* this.step(node, next, result, !this.strict);
    }
  }

  private *apply(item: PathItem, target: JsonbNode): Nodes {
    switch (item.kind) {
      case 'root':
        return yield this.root;
      case 'current':
        return yield this.current;
      case 'literal':
        return yield item.value === null ? JSON_NULL : item.value;
      case 'variable':
        return yield this.variable(item.name);
      case 'last':
        if (this.arrayLength < 0) throw new Error('last is evaluated outside of a subscript');
        return yield this.arrayLength - 1;
      case 'key':
        return yield* this.member(target, item.name);
      case 'anyKey':
        if (target instanceof JsonbObject) return yield* this.descend(target.values);
        return this.structural(
          'sql_json_object_not_found',
          'jsonpath wildcard member accessor can only be applied to an object',
        );
      case 'anyElement':
        if (target instanceof JsonbArray) return yield* this.descend(target.elements);
        if (!this.strict) return yield target;
        return this.structural(
          'sql_json_array_not_found',
          'jsonpath wildcard array accessor can only be applied to an array',
        );
      case 'subscripts':
        return yield* this.subscripts(item.ranges, target);
      case 'anyLevel':
        return yield* this.levels(target, item.first, item.last);
      case 'filter':
        if (this.test(item.condition, target) === true) yield target;
        return;
      case 'arithmetic': {
        const left = this.operand(item.left, target, 'left', item.operator);
        const right = this.operand(item.right, target, 'right', item.operator);
        return yield calculate(item.operator, left, right);
      }
      case 'sign':
        return yield* this.signed(item.operator, item.operand, target);
      case 'method':
        return yield* this.method(item.method, target);
      case 'datetime':
        throw datetimeNotSupported();
      default:
        return yield this.predicate(item, target) ?? JSON_NULL;
    }
  }

  /** Nothing in lenient mode, the error otherwise. */
  private structural(condition: ConditionName, message: string): void {
    if (!this.lenient) throw pathError(condition, message);
  }

  private variable(name: string): JsonbNode {
    if (this.vars === null) return JSON_NULL;
    const value = this.vars.get(name);
    if (value === undefined) throw new FatalPathError('undefined_object', `could not find jsonpath variable "${name}"`);
    return value;
  }

  private *member(target: JsonbNode, key: string): Nodes {
    if (!(target instanceof JsonbObject))
      return this.structural('sql_json_member_not_found', 'jsonpath member accessor can only be applied to an object');
    const value = target.get(key);
    if (value === undefined)
      return this.structural('sql_json_member_not_found', `JSON object does not contain key "${key}"`);
    yield value;
  }

  private *descend(nodes: readonly JsonbNode[]): Nodes {
    yield* nodes;
  }

  /** `.**{first to last}`: whatever is not found below is no error, even in strict mode. */
  private *levels(target: JsonbNode, first: number, last: number): Nodes {
    const saved = this.lenient;
    for (const node of this.atLevels(target, 0, first, last)) {
      this.lenient = true;
      try {
        yield node;
      } finally {
        this.lenient = saved;
      }
    }
  }

  private *atLevels(node: JsonbNode, level: number, first: number, last: number): Nodes {
    checkEffort();
    const leaf = first === Number.POSITIVE_INFINITY && !isContainer(node) && level > 0;
    if ((level >= first && level <= last) || leaf) yield node;
    if (level < last) for (const child of children(node)) yield* this.atLevels(child, level + 1, first, last);
  }

  private *subscripts(ranges: readonly { from: PathNode; to: PathNode | null }[], target: JsonbNode): Nodes {
    if (!(target instanceof JsonbArray) && this.strict)
      return this.structural('sql_json_array_not_found', 'jsonpath array accessor can only be applied to an array');
    const elements = target instanceof JsonbArray ? target.elements : [target];
    const saved = this.arrayLength;
    for (const range of ranges) {
      this.arrayLength = elements.length;
      const from = this.subscript(range.from, target);
      const to = range.to === null ? from : this.subscript(range.to, target);
      this.arrayLength = saved;
      if (!this.lenient && (from < 0 || from > to || to >= elements.length))
        throw pathError('invalid_sql_json_subscript', 'jsonpath array subscript is out of bounds');
      for (let i = Math.max(0, from); i <= Math.min(to, elements.length - 1); i++) yield elements[i];
    }
  }

  private subscript(node: PathNode, target: JsonbNode): number {
    const values = [...this.step(node, 0, target, !this.strict)];
    const [value] = values;
    if (values.length !== 1 || !isNumberNode(value))
      throw pathError('invalid_sql_json_subscript', 'jsonpath array subscript is not a single numeric value');
    const index = truncateToInt4(value);
    if (index === null)
      throw pathError('invalid_sql_json_subscript', 'jsonpath array subscript is out of integer range');
    return index;
  }

  /** All results of an expression, arrays among them opened in lax mode. */
  private *unwrapped(node: PathNode, target: JsonbNode): Nodes {
    for (const result of this.run(node, target)) {
      if (!this.strict && result instanceof JsonbArray) yield* result.elements;
      else yield result;
    }
  }

  private operand(node: PathNode, target: JsonbNode, side: string, operator: string): number | Numeric {
    const values = [...this.unwrapped(node, target)];
    const [value] = values;
    if (values.length !== 1 || !isNumberNode(value))
      throw pathError(
        'singleton_sql_json_item_required',
        `${side} operand of jsonpath operator ${operator} is not a single numeric value`,
      );
    return value;
  }

  private *signed(operator: '+' | '-', operand: PathNode, target: JsonbNode): Nodes {
    for (const value of this.unwrapped(operand, target)) {
      if (!isNumberNode(value))
        throw pathError(
          'sql_json_number_not_found',
          `operand of unary jsonpath operator ${operator} is not a numeric value`,
        );
      yield operator === '-' ? negate(value) : value;
    }
  }

  private *method(method: PathMethod, target: JsonbNode): Nodes {
    switch (method) {
      case 'type':
        return yield jsonbType(target);
      case 'size':
        if (target instanceof JsonbArray) return yield target.elements.length;
        if (this.strict && !this.lenient)
          throw pathError('sql_json_array_not_found', 'jsonpath item method .size() can only be applied to an array');
        if (!this.strict) yield 1;
        return;
      case 'double':
        return yield toDouble(target);
      case 'keyvalue':
        return yield* keyValues(target);
      default:
        if (!isNumberNode(target))
          throw pathError(
            'non_numeric_sql_json_item',
            `jsonpath item method .${method}() can only be applied to a numeric value`,
          );
        return yield method === 'abs' ? absolute(target) : roundTo(target, method);
    }
  }

  /** A condition with `target` as `@`. */
  private test(condition: PathNode, target: JsonbNode): Truth {
    const saved = this.current;
    this.current = target;
    try {
      return this.truth(condition, target);
    } finally {
      this.current = saved;
    }
  }

  private truth(node: PathNode, target: JsonbNode): Truth {
    return this.predicate(node[0], target);
  }

  private predicate(item: PathItem, target: JsonbNode): Truth {
    switch (item.kind) {
      case 'and': {
        const left = this.truth(item.left, target);
        if (left === false) return false;
        const right = this.truth(item.right, target);
        return right === true ? left : right;
      }
      case 'or': {
        const left = this.truth(item.left, target);
        if (left === true) return true;
        const right = this.truth(item.right, target);
        return right === false ? left : right;
      }
      case 'not': {
        const operand = this.truth(item.operand, target);
        return operand === null ? null : !operand;
      }
      case 'isUnknown':
        return this.truth(item.operand, target) === null;
      case 'exists':
        return this.guarded(() => this.exists(item.operand, target));
      case 'comparison': {
        const { operator } = item;
        return this.pairs(item.left, item.right, target, (a, b) => compareItems(operator, a, b));
      }
      case 'startsWith':
        return this.pairs(item.left, item.right, target, (a, b) =>
          typeof a === 'string' && typeof b === 'string' ? a.startsWith(b) : null,
        );
      case 'likeRegex': {
        const regex = compilePathRegex(item.pattern, item.flags);
        const always: PathNode = [{ kind: 'literal', value: true }];
        return this.pairs(item.operand, always, target, (a) => (typeof a === 'string' ? regex.test(a) : null));
      }
      default:
        throw new Error(`${item.kind} is not a predicate`);
    }
  }

  /** Lax mode looks no further than the first result, and a sign alone passes over what is not a number. */
  exists(node: PathNode, target: JsonbNode): boolean {
    if (this.strict) return [...this.run(node, target)].length > 0;
    const [item] = node;
    if (item.kind === 'sign' && node.length === 1) {
      for (const value of this.unwrapped(item.operand, target)) if (isNumberNode(value)) return true;
      return false;
    }
    for (const _ of this.run(node, target)) return true;
    return false;
  }

  private guarded(action: () => Truth): Truth {
    const { current, arrayLength, lenient } = this;
    try {
      return action();
    } catch (error) {
      if (!isSuppressible(error)) throw error;
      this.current = current;
      this.arrayLength = arrayLength;
      this.lenient = lenient;
      return null;
    }
  }

  /** A predicate over all pairs of results: true when one pair is true (strict: and none unknown). */
  private pairs(
    left: PathNode,
    right: PathNode,
    target: JsonbNode,
    test: (a: JsonbNode, b: JsonbNode) => Truth,
  ): Truth {
    return this.guarded(() => {
      const lefts = [...this.unwrapped(left, target)];
      const rights = [...this.unwrapped(right, target)];
      let found = false;
      let unknown = false;
      for (const a of lefts) {
        for (const b of rights) {
          checkEffort();
          const result = test(a, b);
          if (result === null) {
            if (this.strict) return null;
            unknown = true;
          } else if (result) {
            if (!this.strict) return true;
            found = true;
          }
        }
      }
      if (found) return true;
      return unknown ? null : false;
    });
  }
}

/** The items that in lax mode apply to the elements of an array rather than to the array. */
function unwrapsTarget(item: PathItem): boolean {
  switch (item.kind) {
    case 'key':
    case 'anyKey':
    case 'filter':
    case 'datetime':
      return true;
    case 'method':
      return item.method !== 'type' && item.method !== 'size';
    default:
      return false;
  }
}

function compareItems(operator: ComparisonOperator, a: JsonbNode, b: JsonbNode): Truth {
  if ((a === JSON_NULL) !== (b === JSON_NULL)) return operator === '!=';
  if (isContainer(a) || isContainer(b)) return null;
  let order: number;
  if (a === JSON_NULL) order = 0;
  else if (typeof a === 'string' && typeof b === 'string') order = compareCodePoints(a, b);
  else if (typeof a === 'boolean' && typeof b === 'boolean') order = Number(a) - Number(b);
  else if (isNumberNode(a) && isNumberNode(b)) order = compareNumbers(a, b);
  else return null;
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
  }
}

const DOUBLE = /^\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*$/;

function toDouble(node: JsonbNode): JsonbNode {
  if (isNumberNode(node)) {
    if (Number.isFinite(Number(node.toString()))) return node;
    throw pathError(
      'non_numeric_sql_json_item',
      'numeric argument of jsonpath item method .double() is out of range for type double precision',
    );
  }
  if (typeof node !== 'string')
    throw pathError(
      'non_numeric_sql_json_item',
      'jsonpath item method .double() can only be applied to a string or numeric value',
    );
  const value = DOUBLE.test(node) ? Number(node) : Number.NaN;
  if (!Number.isFinite(value))
    throw pathError(
      'non_numeric_sql_json_item',
      'string argument of jsonpath item method .double() is not a valid representation of a double precision number',
    );
  return parseNumberNode(Number(value.toPrecision(15)).toString());
}

/** The members of an object as objects. Ids of PostgreSQL are offsets in its storage form; here all are 0. */
function* keyValues(node: JsonbNode): Nodes {
  if (!(node instanceof JsonbObject))
    throw pathError('sql_json_object_not_found', 'jsonpath item method .keyvalue() can only be applied to an object');
  for (let i = 0; i < node.keys.length; i++) {
    yield JsonbObject.fromPairs(['id', 'key', 'value'], [0, node.keys[i], node.values[i]]);
  }
}

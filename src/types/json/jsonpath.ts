/**
 * The syntax tree of jsonpath and its text form. A path is a chain: each item applies to what the item before it gave.
 * In memory and in rows a jsonpath is its canonical text; `parseJsonPath` keeps the trees of recent texts.
 */
import type { Numeric } from '../numeric/numeric.js';
import { quoteJson } from './jsonb-format.js';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type ComparisonOperator = '==' | '!=' | '<' | '>' | '<=' | '>=';
export type PathMethod = 'type' | 'size' | 'abs' | 'floor' | 'ceiling' | 'double' | 'keyvalue';

/** A subscript or a level: `last` is an expression of its own in subscripts, and Infinity as a level. */
export interface PathRange {
  readonly from: PathNode;
  readonly to: PathNode | null;
}

export type PathItem =
  | { readonly kind: 'root' | 'current' | 'last' | 'anyKey' | 'anyElement' }
  | { readonly kind: 'literal'; readonly value: null | boolean | string | number | Numeric }
  | { readonly kind: 'variable' | 'key'; readonly name: string }
  | { readonly kind: 'subscripts'; readonly ranges: readonly PathRange[] }
  | { readonly kind: 'anyLevel'; readonly first: number; readonly last: number }
  | { readonly kind: 'method'; readonly method: PathMethod }
  | { readonly kind: 'datetime'; readonly format: string | null }
  | { readonly kind: 'filter'; readonly condition: PathNode }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: PathNode;
      readonly right: PathNode;
    }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly operand: PathNode }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: PathNode;
      readonly right: PathNode;
    }
  | { readonly kind: 'startsWith'; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: 'likeRegex'; readonly operand: PathNode; readonly pattern: string; readonly flags: string }
  | { readonly kind: 'and' | 'or'; readonly left: PathNode; readonly right: PathNode }
  | { readonly kind: 'not' | 'isUnknown' | 'exists'; readonly operand: PathNode };

/** A chain of at least one item. */
export type PathNode = readonly PathItem[];

export interface JsonPath {
  readonly strict: boolean;
  readonly root: PathNode;
}

/** How tightly an item binds, for parentheses in the text. */
function priority(item: PathItem): number {
  switch (item.kind) {
    case 'or':
      return 0;
    case 'and':
      return 1;
    case 'comparison':
    case 'startsWith':
      return 2;
    case 'arithmetic':
      return item.operator === '+' || item.operator === '-' ? 3 : 4;
    case 'sign':
      return 5;
    default:
      return 6;
  }
}

export function formatJsonPath(path: JsonPath): string {
  return (path.strict ? 'strict ' : '') + formatNode(path.root, true);
}

/** `brackets`: operators at the start of the chain are put in parentheses. */
function formatNode(node: PathNode, brackets: boolean): string {
  let text = formatItem(node[0], brackets || node.length > 1, false);
  if (node.length > 1 && isNumber(node[0])) text = `(${text})`;
  for (let i = 1; i < node.length; i++) text += formatItem(node[i], true, true);
  return text;
}

function isNumber(item: PathItem): boolean {
  return item.kind === 'literal' && item.value !== null && !['string', 'boolean'].includes(typeof item.value);
}

/** An operand of `parent`: in parentheses when it binds no tighter. */
function formatOperand(node: PathNode, parent: PathItem): string {
  return formatNode(node, priority(node[0]) <= priority(parent));
}

function levelText(level: number): string {
  return level === Number.POSITIVE_INFINITY ? 'last' : String(level);
}

function formatLevels(first: number, last: number): string {
  if (first === 0 && last === Number.POSITIVE_INFINITY) return '**';
  return first === last ? `**{${levelText(first)}}` : `**{${levelText(first)} to ${levelText(last)}}`;
}

function formatBinary(item: PathItem, left: PathNode, operator: string, right: PathNode, brackets: boolean): string {
  const text = `${formatOperand(left, item)} ${operator} ${formatOperand(right, item)}`;
  return brackets ? `(${text})` : text;
}

function formatItem(item: PathItem, brackets: boolean, inChain: boolean): string {
  switch (item.kind) {
    case 'root':
      return '$';
    case 'current':
      return '@';
    case 'last':
      return 'last';
    case 'anyKey':
      return inChain ? '.*' : '*';
    case 'anyElement':
      return '[*]';
    case 'literal':
      return typeof item.value === 'string' ? quoteJson(item.value) : String(item.value);
    case 'variable':
      return `$${quoteJson(item.name)}`;
    case 'key':
      return `${inChain ? '.' : ''}${quoteJson(item.name)}`;
    case 'subscripts':
      return `[${item.ranges.map(({ from, to }) => formatNode(from, false) + (to === null ? '' : ` to ${formatNode(to, false)}`)).join(',')}]`;
    case 'anyLevel':
      return `${inChain ? '.' : ''}${formatLevels(item.first, item.last)}`;
    case 'method':
      return `.${item.method}()`;
    case 'datetime':
      return `.datetime(${item.format === null ? '' : quoteJson(item.format)})`;
    case 'filter':
      return `?(${formatNode(item.condition, false)})`;
    case 'arithmetic':
    case 'comparison':
      return formatBinary(item, item.left, item.operator, item.right, brackets);
    case 'startsWith':
      return formatBinary(item, item.left, 'starts with', item.right, brackets);
    case 'and':
      return formatBinary(item, item.left, '&&', item.right, brackets);
    case 'or':
      return formatBinary(item, item.left, '||', item.right, brackets);
    case 'sign': {
      const text = item.operator + formatOperand(item.operand, item);
      return brackets ? `(${text})` : text;
    }
    case 'likeRegex': {
      const flags = item.flags === '' ? '' : ` flag "${item.flags}"`;
      const text = `${formatOperand(item.operand, item)} like_regex ${quoteJson(item.pattern)}${flags}`;
      return brackets ? `(${text})` : text;
    }
    case 'not':
      return `!(${formatNode(item.operand, false)})`;
    case 'isUnknown':
      return `(${formatNode(item.operand, false)}) is unknown`;
    case 'exists':
      return `exists (${formatNode(item.operand, false)})`;
  }
}

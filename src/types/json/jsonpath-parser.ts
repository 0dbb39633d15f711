/** Text to the syntax tree of jsonpath: recursive descent over the tokens, predicates and values kept apart. */
import { notSupported, sqlError } from '../../errors/sql-error.js';
import type { Numeric } from '../numeric/numeric.js';
import { negate } from './json-arithmetic.js';
import { parseNumberNode } from './jsonb.js';
import type {
  ArithmeticOperator,
  ComparisonOperator,
  JsonPath,
  PathItem,
  PathMethod,
  PathNode,
  PathRange,
} from './jsonpath.js';
import { type PathToken, pathSyntaxError, tokenizePath } from './jsonpath-lexer.js';

const METHODS: ReadonlySet<string> = new Set(['type', 'size', 'abs', 'floor', 'ceiling', 'double', 'keyvalue']);
const COMPARISONS: Readonly<Record<string, ComparisonOperator>> = {
  '==': '==',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
};
const PREDICATES: ReadonlySet<string> = new Set([
  'comparison',
  'startsWith',
  'likeRegex',
  'and',
  'or',
  'not',
  'isUnknown',
  'exists',
]);
const CACHE_SIZE = 200;

const cache = new Map<string, JsonPath>();

/** Parses a path. Throws 42601, or 22P02 for an empty text. */
export function parseJsonPath(text: string): JsonPath {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const path = new PathParser(text).parse();
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(text, path);
  return path;
}

function isMethod(name: string): name is PathMethod {
  return METHODS.has(name);
}

function isPredicate(node: PathNode): boolean {
  return node.length === 1 && PREDICATES.has(node[0].kind);
}

/** A sign before an expression; that of a number becomes part of the number. */
function signedNode(operator: '+' | '-', operand: PathNode): PathNode {
  const [item] = operand;
  if (operand.length > 1 || item.kind !== 'literal' || !isNumber(item.value))
    return [{ kind: 'sign', operator, operand }];
  return [{ kind: 'literal', value: operator === '-' ? negate(item.value) : item.value }];
}

function isNumber(value: null | boolean | string | number | Numeric): value is number | Numeric {
  return typeof value === 'number' || (typeof value === 'object' && value !== null);
}

class PathParser {
  private readonly tokens: PathToken[];
  private position = 0;
  /** Open filters, in which `@` has a meaning, and open subscripts, in which `last` has one. */
  private filters = 0;
  private subscripts = 0;

  constructor(private readonly text: string) {
    this.tokens = tokenizePath(text);
  }

  parse(): JsonPath {
    if (this.atEnd())
      throw sqlError('invalid_text_representation', `invalid input syntax for type jsonpath: "${this.text}"`);
    const strict = this.isWord('strict');
    if (strict || this.isWord('lax')) this.position++;
    const root = this.or();
    if (!this.atEnd()) throw pathSyntaxError(this.token);
    return { strict, root };
  }

  private get token(): PathToken {
    return this.tokens[this.position];
  }

  private atEnd(): boolean {
    return this.token.kind === 'end';
  }

  private isSymbol(symbol: string): boolean {
    return this.token.kind === 'symbol' && this.token.text === symbol;
  }

  private isWord(word: string): boolean {
    return this.token.kind === 'word' && this.token.text.toLowerCase() === word;
  }

  private accept(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.position++;
    return true;
  }

  private acceptWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.position++;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.accept(symbol)) throw pathSyntaxError(this.token);
  }

  private predicate(node: PathNode): PathNode {
    if (!isPredicate(node)) throw pathSyntaxError(this.token);
    return node;
  }

  private value(node: PathNode): PathNode {
    if (isPredicate(node)) throw pathSyntaxError(this.token);
    return node;
  }

  private or(): PathNode {
    let left = this.and();
    while (this.isSymbol('||')) {
      this.predicate(left);
      this.position++;
      left = [{ kind: 'or', left, right: this.predicate(this.and()) }];
    }
    return left;
  }

  private and(): PathNode {
    let left = this.comparison();
    while (this.isSymbol('&&')) {
      this.predicate(left);
      this.position++;
      left = [{ kind: 'and', left, right: this.predicate(this.comparison()) }];
    }
    return left;
  }

  private comparison(): PathNode {
    if (this.accept('!')) return [{ kind: 'not', operand: this.delimitedPredicate() }];
    const left = this.sum();
    const { kind, text } = this.token;
    const operator = kind === 'symbol' ? COMPARISONS[text] : undefined;
    if (operator !== undefined) {
      this.value(left);
      this.position++;
      return [{ kind: 'comparison', operator, left, right: this.value(this.sum()) }];
    }
    if (this.isWord('starts')) {
      this.value(left);
      this.position++;
      if (!this.acceptWord('with')) throw pathSyntaxError(this.token);
      return [{ kind: 'startsWith', left, right: this.startsWithOperand() }];
    }
    if (this.isWord('like_regex')) {
      this.value(left);
      this.position++;
      return [this.likeRegex(left)];
    }
    return left;
  }

  private startsWithOperand(): PathNode {
    const { kind, text } = this.token;
    if (kind !== 'string' && kind !== 'variable') throw pathSyntaxError(this.token);
    this.position++;
    return [kind === 'string' ? { kind: 'literal', value: text } : { kind: 'variable', name: text }];
  }

  private likeRegex(operand: PathNode): PathItem {
    const pattern = this.string();
    let given = '';
    if (this.acceptWord('flag')) given = this.string();
    for (const flag of given) {
      if (!'ismxq'.includes(flag))
        throw sqlError('syntax_error', 'invalid input syntax for type jsonpath', {
          detail: `Unrecognized flag character "${flag}" in LIKE_REGEX predicate.`,
        });
    }
    if (given.includes('x') && !given.includes('q'))
      throw sqlError('feature_not_supported', 'XQuery "x" flag (expanded regular expressions) is not implemented');
    const flags = Array.from('ismxq')
      .filter((flag) => given.includes(flag))
      .join('');
    return { kind: 'likeRegex', operand, pattern, flags };
  }

  private string(): string {
    const { kind, text } = this.token;
    if (kind !== 'string') throw pathSyntaxError(this.token);
    this.position++;
    return text;
  }

  private delimitedPredicate(): PathNode {
    if (this.isWord('exists')) return this.exists();
    this.expect('(');
    const node = this.predicate(this.or());
    this.expect(')');
    return node;
  }

  private exists(): PathNode {
    this.position++;
    this.expect('(');
    const operand = this.value(this.sum());
    this.expect(')');
    return [{ kind: 'exists', operand }];
  }

  private sum(): PathNode {
    return this.leftAssociative(['+', '-'], () => this.product());
  }

  private product(): PathNode {
    return this.leftAssociative(['*', '/', '%'], () => this.signed());
  }

  private leftAssociative(operators: readonly ArithmeticOperator[], operand: () => PathNode): PathNode {
    let left = operand();
    for (;;) {
      const operator = operators.find((candidate) => this.isSymbol(candidate));
      if (operator === undefined) return left;
      this.value(left);
      this.position++;
      left = [{ kind: 'arithmetic', operator, left, right: this.value(operand()) }];
    }
  }

  private signed(): PathNode {
    for (const operator of ['+', '-'] as const) {
      if (this.accept(operator)) return signedNode(operator, this.value(this.signed()));
    }
    return this.accessors();
  }

  private accessors(): PathNode {
    let node: PathNode;
    if (this.isWord('exists')) return this.exists();
    if (this.accept('(')) {
      node = this.or();
      this.expect(')');
      if (isPredicate(node) && this.acceptWord('is')) {
        if (!this.acceptWord('unknown')) throw pathSyntaxError(this.token);
        return [{ kind: 'isUnknown', operand: node }];
      }
    } else node = [this.primary()];
    for (;;) {
      const item = this.accessor();
      if (item === null) return node;
      node = [...node, item];
    }
  }

  private primary(): PathItem {
    const { kind, text } = this.token;
    const item = this.primaryItem(kind, text);
    this.position++;
    return item;
  }

  private primaryItem(kind: PathToken['kind'], text: string): PathItem {
    switch (kind) {
      case 'string':
        return { kind: 'literal', value: text };
      case 'number':
        return { kind: 'literal', value: parseNumberNode(text) };
      case 'variable':
        return { kind: 'variable', name: text };
      case 'symbol':
        if (text === '$') return { kind: 'root' };
        if (text !== '@') break;
        if (this.filters === 0) throw sqlError('syntax_error', '@ is not allowed in root expressions');
        return { kind: 'current' };
      case 'word':
        if (text === 'null') return { kind: 'literal', value: null };
        if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' };
        if (text.toLowerCase() !== 'last') break;
        if (this.subscripts === 0) throw sqlError('syntax_error', 'LAST is allowed only in array subscripts');
        return { kind: 'last' };
    }
    throw pathSyntaxError(this.token);
  }

  private accessor(): PathItem | null {
    if (this.accept('.')) return this.member();
    if (this.accept('[')) {
      if (this.accept('*')) {
        this.expect(']');
        return { kind: 'anyElement' };
      }
      return this.subscriptList();
    }
    if (!this.accept('?')) return null;
    this.expect('(');
    this.filters++;
    const condition = this.predicate(this.or());
    this.filters--;
    this.expect(')');
    return { kind: 'filter', condition };
  }

  private subscriptList(): PathItem {
    const ranges: PathRange[] = [];
    this.subscripts++;
    do {
      const from = this.value(this.sum());
      ranges.push({ from, to: this.acceptWord('to') ? this.value(this.sum()) : null });
    } while (this.accept(','));
    this.subscripts--;
    this.expect(']');
    return { kind: 'subscripts', ranges };
  }

  private member(): PathItem {
    if (this.accept('**')) return this.levels();
    if (this.accept('*')) return { kind: 'anyKey' };
    const { kind, text } = this.token;
    if (kind !== 'word' && kind !== 'string') throw pathSyntaxError(this.token);
    this.position++;
    if (kind === 'string' || !this.isSymbol('(')) return { kind: 'key', name: text };
    const method = text.toLowerCase();
    if (method === 'datetime') {
      this.position++;
      const format = this.isSymbol(')') ? null : this.string();
      this.expect(')');
      return { kind: 'datetime', format };
    }
    if (!isMethod(method)) throw pathSyntaxError(this.token);
    this.position++;
    this.expect(')');
    return { kind: 'method', method };
  }

  private levels(): PathItem {
    if (!this.accept('{')) return { kind: 'anyLevel', first: 0, last: Number.POSITIVE_INFINITY };
    const first = this.level();
    const last = this.acceptWord('to') ? this.level() : first;
    this.expect('}');
    return { kind: 'anyLevel', first, last };
  }

  private level(): number {
    if (this.acceptWord('last')) return Number.POSITIVE_INFINITY;
    const { kind, text } = this.token;
    if (kind !== 'number' || !/^[0-9]+$/.test(text)) throw pathSyntaxError(this.token);
    this.position++;
    return Number(text);
  }
}

/** The feature of jsonpath that is missing. */
export function datetimeNotSupported(): Error {
  return notSupported('jsonpath item method .datetime()');
}

/** Parser of AREs: branches, quantifiers, brackets, escapes, look-around, embedded options and directors. */
import { classRanges, complement, DIGITS, foldCase, normalizeRanges, SPACE, WORD } from './char-set.js';
import {
  type Anchor,
  type CharRange,
  DEFAULT_OPTIONS,
  type ParsedRegex,
  type RegexNode,
  type RegexOptions,
  regexError,
} from './syntax-tree.js';

const MAX_REPETITIONS = 255;
const MAX_DEPTH = 500;
const EMBEDDED = /^\(\?([a-z]+)\)/;
const BRACES = /^\{(\d+)(?:(,)(\d*))?\}/;

/** Applies option letters; null for a letter that is none. */
export function withOptions(options: RegexOptions, letters: string): RegexOptions | null {
  let result = options;
  for (const letter of letters) {
    switch (letter) {
      case 'i':
        result = { ...result, ignoreCase: true };
        break;
      case 'c':
        result = { ...result, ignoreCase: false };
        break;
      case 'm':
      case 'n':
        result = { ...result, newlineStops: true, newlineAnchors: true };
        break;
      case 'p':
        result = { ...result, newlineStops: true, newlineAnchors: false };
        break;
      case 'w':
        result = { ...result, newlineStops: false, newlineAnchors: true };
        break;
      case 's':
        result = { ...result, newlineStops: false, newlineAnchors: false };
        break;
      case 'x':
        result = { ...result, expanded: true };
        break;
      case 't':
        result = { ...result, expanded: false };
        break;
      case 'q':
        result = { ...result, literal: true };
        break;
      case 'b':
      case 'e':
        break;
      default:
        return null;
    }
  }
  return result;
}

const CHARACTER_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  B: 92,
  e: 27,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

const ANCHOR_ESCAPES: Readonly<Record<string, Anchor>> = {
  A: 'text start',
  Z: 'text end',
  m: 'word start',
  M: 'word end',
  y: 'word edge',
  Y: 'not word edge',
};

const CLASS_ESCAPES: Readonly<Record<string, readonly CharRange[]>> = {
  d: DIGITS,
  s: SPACE,
  w: WORD,
  D: complement(DIGITS),
  S: complement(SPACE),
  W: complement(WORD),
};

/** How many characters a node that is a plain string has; -1 for others. */
function plainLength(node: RegexNode): number {
  if (node.kind === 'set') return 1;
  return node.kind === 'sequence' && node.items.every((item) => item.kind === 'set') ? node.items.length : -1;
}

/** Plain strings are tried longest first, since AREs look for the longest match. */
function longestFirst(branches: readonly RegexNode[]): readonly RegexNode[] {
  if (branches.some((branch) => plainLength(branch) < 0)) return branches;
  return [...branches].sort((a, b) => plainLength(b) - plainLength(a));
}

class RegexParser {
  private readonly text: string[];
  private at = 0;
  private captures = 0;
  private readonly closed = new Set<number>();
  private irregular = false;
  private lookDepth = 0;
  private depth = 0;

  constructor(
    source: string,
    private readonly options: RegexOptions,
  ) {
    this.text = [...source];
  }

  parse(): ParsedRegex {
    const root = this.options.literal ? this.literal() : this.alternatives();
    if (this.at < this.text.length) throw regexError('parentheses () not balanced');
    return { root, captures: this.captures, ignoreCase: this.options.ignoreCase, irregular: this.irregular };
  }

  private literal(): RegexNode {
    const items = this.text.map((character) => this.character(character.codePointAt(0) ?? 0));
    this.at = this.text.length;
    return { kind: 'sequence', items };
  }

  private set(ranges: readonly CharRange[]): RegexNode {
    const all = this.options.ignoreCase ? foldCase(ranges) : normalizeRanges(ranges);
    return { kind: 'set', ranges: all, negated: false };
  }

  /** Everything but `ranges`, and but newlines where those stop. */
  private notSet(ranges: readonly CharRange[]): RegexNode {
    const folded = this.options.ignoreCase ? foldCase(ranges) : [...ranges];
    if (this.options.newlineStops) folded.push([10, 10]);
    return { kind: 'set', ranges: normalizeRanges(folded), negated: true };
  }

  private character(code: number): RegexNode {
    return this.set([[code, code]]);
  }

  private alternatives(): RegexNode {
    if (++this.depth > MAX_DEPTH) throw regexError('regular expression is too complex');
    const branches = [this.sequence()];
    while (this.text[this.at] === '|') {
      this.at++;
      branches.push(this.sequence());
    }
    this.depth--;
    return branches.length === 1 ? branches[0] : { kind: 'alternatives', branches: longestFirst(branches) };
  }

  private sequence(): RegexNode {
    const items: RegexNode[] = [];
    for (;;) {
      this.skipIgnored();
      const next = this.text[this.at];
      if (next === undefined || next === '|' || next === ')') break;
      items.push(this.quantified());
    }
    return items.length === 1 ? items[0] : { kind: 'sequence', items };
  }

  /** Comments, and in the expanded syntax white space. */
  private skipIgnored(): void {
    for (;;) {
      const next = this.text[this.at];
      if (next === '(' && this.text[this.at + 1] === '?' && this.text[this.at + 2] === '#') {
        while (this.at < this.text.length && this.text[this.at] !== ')') this.at++;
        this.at++;
      } else if (this.options.expanded && next === '#') {
        while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++;
      } else if (this.options.expanded && next !== undefined && /^[ \t\n\v\f\r]$/.test(next)) {
        this.at++;
      } else {
        return;
      }
    }
  }

  private quantified(): RegexNode {
    const start = this.text[this.at];
    if (start === '*' || start === '+' || start === '?') throw regexError('quantifier operand invalid');
    const body = this.atom();
    this.skipIgnored();
    const boundsAt = this.at;
    const bounds = this.bounds();
    if (bounds === null) return body;
    if (body.kind === 'anchor' || body.kind === 'look') throw regexError('quantifier operand invalid');
    const fixed = this.text[boundsAt] === '{' && !this.text.slice(boundsAt, this.at).includes(',');
    const greedy = this.text[this.at] !== '?';
    if (!greedy) this.at++;
    this.skipIgnored();
    if (this.bounds() !== null) throw regexError('quantifier operand invalid');
    return { kind: 'repeat', body, min: bounds[0], max: bounds[1], greedy, fixed };
  }

  private bounds(): [min: number, max: number] | null {
    switch (this.text[this.at]) {
      case '*':
        this.at++;
        return [0, Number.POSITIVE_INFINITY];
      case '+':
        this.at++;
        return [1, Number.POSITIVE_INFINITY];
      case '?':
        this.at++;
        return [0, 1];
      case '{':
        return /^\d$/.test(this.text[this.at + 1] ?? '') ? this.braces() : null;
      default:
        return null;
    }
  }

  private braces(): [min: number, max: number] {
    const match = BRACES.exec(this.text.slice(this.at, this.at + 12).join(''));
    if (match === null) throw regexError('braces {} not balanced');
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (min > MAX_REPETITIONS || (max > MAX_REPETITIONS && Number.isFinite(max)) || min > max) {
      throw regexError('invalid repetition count(s)');
    }
    this.at += match[0].length;
    return [min, max];
  }

  private atom(): RegexNode {
    const character = this.text[this.at++];
    switch (character) {
      case '(':
        return this.group();
      case '[':
        return this.bracket();
      case '.':
        return this.notSet([]);
      case '^':
        return { kind: 'anchor', where: this.options.newlineAnchors ? 'line start' : 'text start' };
      case '$':
        return { kind: 'anchor', where: this.options.newlineAnchors ? 'line end' : 'text end' };
      case '\\':
        return this.escape();
      default:
        return this.character(character.codePointAt(0) ?? 0);
    }
  }

  private group(): RegexNode {
    if (this.text[this.at] !== '?') {
      const capture = this.lookDepth > 0 ? 0 : ++this.captures;
      const body = this.alternatives();
      this.close();
      this.closed.add(capture);
      return { kind: 'group', body, capture };
    }
    const look = /^\?(<?)([=!])/.exec(this.text.slice(this.at, this.at + 3).join(''));
    if (look !== null) return this.look(look[0].length, look[1] === '', look[2] === '!');
    if (this.text[this.at + 1] !== ':') throw regexError('quantifier operand invalid');
    this.at += 2;
    const body = this.alternatives();
    this.close();
    return { kind: 'group', body, capture: 0 };
  }

  private look(length: number, ahead: boolean, negated: boolean): RegexNode {
    this.at += length;
    this.irregular = true;
    this.lookDepth++;
    const body = this.alternatives();
    this.lookDepth--;
    this.close();
    return { kind: 'look', body, ahead, negated };
  }

  private close(): void {
    if (this.text[this.at] !== ')') throw regexError('parentheses () not balanced');
    this.at++;
  }

  private escape(): RegexNode {
    const character = this.text[this.at];
    if (character === undefined) throw regexError('invalid escape \\ sequence');
    const anchor = ANCHOR_ESCAPES[character];
    if (anchor !== undefined) {
      this.at++;
      return { kind: 'anchor', where: anchor };
    }
    const ranges = CLASS_ESCAPES[character];
    if (ranges !== undefined) {
      this.at++;
      return character < 'a' && this.options.newlineStops && character !== 'S'
        ? { kind: 'set', ranges: normalizeRanges([...complement(ranges), [10, 10]]), negated: true }
        : this.set(ranges);
    }
    const digits = /^[1-9]\d*/.exec(this.text.slice(this.at, this.at + 3).join(''));
    if (digits !== null && (digits[0].length === 1 || Number(digits[0]) <= this.captures)) {
      return this.backreference(digits[0]);
    }
    return this.character(this.escapedCode());
  }

  private backreference(digits: string): RegexNode {
    const capture = Number(digits);
    if (!this.closed.has(capture)) throw regexError('invalid backreference number');
    this.at += digits.length;
    this.irregular = true;
    return { kind: 'backreference', capture };
  }

  /** The code of a character escape, behind the backslash. */
  private escapedCode(): number {
    const character = this.text[this.at++];
    if (character === undefined) throw regexError('invalid escape \\ sequence');
    if (!/^[A-Za-z0-9]$/.test(character)) return character.codePointAt(0) ?? 0;
    const code = CHARACTER_ESCAPES[character];
    if (code !== undefined) return code;
    switch (character) {
      case 'c':
        return (this.text[this.at++]?.codePointAt(0) ?? 0) & 31;
      case 'u':
        return this.number(/^[0-9a-fA-F]{4}/, 16);
      case 'U':
        return this.number(/^[0-9a-fA-F]{8}/, 16);
      case 'x':
        return this.number(/^[0-9a-fA-F]+/, 16);
      default:
        if (!/^[0-9]$/.test(character)) throw regexError('invalid escape \\ sequence');
        this.at--;
        return this.number(/^[0-7]{1,3}/, 8);
    }
  }

  private number(pattern: RegExp, base: number): number {
    const match = pattern.exec(this.text.slice(this.at, this.at + 16).join(''));
    if (match === null) throw regexError('invalid escape \\ sequence');
    this.at += match[0].length;
    const code = Number.parseInt(match[0], base);
    if (code > 0x10ffff) throw regexError('invalid escape \\ sequence');
    return code;
  }

  private bracket(): RegexNode {
    const rest = this.text.slice(this.at, this.at + 6).join('');
    if (rest.startsWith('[:<:]]') || rest.startsWith('[:>:]]')) {
      this.at += 6;
      return { kind: 'anchor', where: rest[2] === '<' ? 'word start' : 'word end' };
    }
    const negated = this.text[this.at] === '^';
    if (negated) this.at++;
    const ranges: CharRange[] = [];
    for (let first = true; ; first = false) {
      const character = this.text[this.at];
      if (character === undefined) throw regexError('brackets [] not balanced');
      if (character === ']' && !first) break;
      this.bracketItem(ranges);
    }
    this.at++;
    return negated ? this.notSet(ranges) : this.set(ranges);
  }

  private bracketItem(ranges: CharRange[]): void {
    const start = this.bracketStart();
    if (typeof start !== 'number') {
      ranges.push(...start);
      return;
    }
    if (this.text[this.at] !== '-' || this.text[this.at + 1] === ']' || this.text[this.at + 1] === undefined) {
      ranges.push([start, start]);
      return;
    }
    this.at++;
    const end = this.bracketStart();
    if (typeof end !== 'number' || end < start) throw regexError('invalid character range');
    ranges.push([start, end]);
  }

  /** One character, or a class. */
  private bracketStart(): number | readonly CharRange[] {
    const character = this.text[this.at++];
    if (character === '\\') {
      const ranges = CLASS_ESCAPES[this.text[this.at] ?? ''];
      if (ranges === undefined) return this.escapedCode();
      this.at++;
      return ranges;
    }
    const kind = this.text[this.at];
    if (character !== '[' || (kind !== ':' && kind !== '.' && kind !== '=')) return character.codePointAt(0) ?? 0;
    this.at++;
    let name = '';
    while (!(this.text[this.at] === kind && this.text[this.at + 1] === ']')) {
      if (this.at >= this.text.length) throw regexError('brackets [] not balanced');
      name += this.text[this.at++];
    }
    this.at += 2;
    if (kind === ':') return classRanges(name, this.options.ignoreCase);
    const characters = [...name];
    if (characters.length !== 1) throw regexError('invalid collating element');
    return characters[0].codePointAt(0) ?? 0;
  }
}

/** Parses a pattern with its director and embedded options. Throws 2201B. */
export function parseRegex(pattern: string, options: RegexOptions = DEFAULT_OPTIONS): ParsedRegex {
  let source = pattern;
  let effective = options;
  if (!options.literal) {
    if (source.startsWith('***=')) return new RegexParser(source.slice(4), { ...options, literal: true }).parse();
    if (source.startsWith('***:')) source = source.slice(4);
    else if (source.startsWith('***')) throw regexError('quantifier operand invalid');
    const embedded = EMBEDDED.exec(source);
    if (embedded !== null) {
      const changed = withOptions(options, embedded[1]);
      if (changed === null) throw regexError('invalid embedded option');
      effective = changed;
      source = source.slice(embedded[0].length);
    }
  }
  return new RegexParser(source, effective).parse();
}

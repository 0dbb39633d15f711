/**
 * Trees to JavaScript regular expressions. Sets are spelled out, so that no flags are needed. Preferences: a
 * branch whose first quantifier is lazy is lazy throughout, as AREs have it.
 */
import { complement } from './char-set.js';
import type { Anchor, CharRange, RegexNode } from './syntax-tree.js';

const WORD_SET = '[0-9A-Za-z_]';

const ANCHORS: Readonly<Record<Anchor, string>> = {
  'text start': '^',
  'text end': '$',
  'line start': '(?<![^\\n])',
  'line end': '(?![^\\n])',
  'word start': `(?<!${WORD_SET})(?=${WORD_SET})`,
  'word end': `(?<=${WORD_SET})(?!${WORD_SET})`,
  'word edge': '\\b',
  'not word edge': '\\B',
};

function unitText(unit: number): string {
  if (unit < 128 && /[0-9A-Za-z]/.test(String.fromCharCode(unit))) return String.fromCharCode(unit);
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

function rangeText(first: number, last: number): string {
  return first === last ? unitText(first) : `${unitText(first)}-${unitText(last)}`;
}

function setText(ranges: readonly CharRange[], negated: boolean, wide: boolean): string {
  if (wide) return wideSetText(negated ? complement(ranges) : ranges);
  const narrow = ranges.filter(([first]) => first <= 0xffff);
  if (!negated && narrow.length === 1 && narrow[0][0] === narrow[0][1]) return unitText(narrow[0][0]);
  const parts = narrow.map(([first, last]) => rangeText(first, Math.min(last, 0xffff)));
  return `[${negated ? '^' : ''}${parts.join('')}]`;
}

/** Units for characters of one unit, pairs of surrogates for the others. */
function wideSetText(ranges: readonly CharRange[]): string {
  const single: string[] = [];
  const pairs: string[] = [];
  for (const [first, last] of ranges) {
    if (first < 0xd800) single.push(rangeText(first, Math.min(last, 0xd7ff)));
    if (last >= 0xe000 && first <= 0xffff) single.push(rangeText(Math.max(first, 0xe000), Math.min(last, 0xffff)));
    if (last > 0xffff) pairs.push(...pairTexts(Math.max(first, 0x10000), last));
  }
  if (single.length > 0) pairs.unshift(`[${single.join('')}]`);
  return pairs.length === 0 ? '[]' : `(?:${pairs.join('|')})`;
}

/** Pairs for first to last: a partial block at either end and whole blocks of 1024 between. */
function pairTexts(first: number, last: number): string[] {
  const high = (code: number): number => 0xd800 + ((code - 0x10000) >> 10);
  const low = (code: number): number => 0xdc00 + ((code - 0x10000) & 0x3ff);
  const [start, end] = [high(first), high(last)];
  if (start === end) return [`${unitText(start)}[${rangeText(low(first), low(last))}]`];
  const texts = [`${unitText(start)}[${rangeText(low(first), 0xdfff)}]`];
  if (end > start + 1) texts.push(`[${rangeText(start + 1, end - 1)}][\\udc00-\\udfff]`);
  texts.push(`${unitText(end)}[${rangeText(0xdc00, low(last))}]`);
  return texts;
}

/** Whether the first quantifier in the branch that says so is lazy; undefined when there is none. */
function prefersShort(node: RegexNode): boolean | undefined {
  switch (node.kind) {
    case 'repeat':
      return node.fixed ? prefersShort(node.body) : !node.greedy;
    case 'group':
      return prefersShort(node.body);
    case 'sequence':
      for (const item of node.items) {
        const preference = prefersShort(item);
        if (preference !== undefined) return preference;
      }
      return undefined;
    case 'alternatives':
      return false;
    default:
      return undefined;
  }
}

class Translator {
  constructor(private readonly wide: boolean) {}

  translate(node: RegexNode, lazy: boolean): string {
    switch (node.kind) {
      case 'set':
        return setText(node.ranges, node.negated, this.wide);
      case 'sequence':
        return node.items.map((item) => this.translate(item, lazy)).join('');
      case 'alternatives':
        return `(?:${this.branches(node.branches, lazy)})`;
      case 'group':
        return `(${node.capture === 0 ? '?:' : ''}${this.translate(node.body, lazy)})`;
      case 'repeat':
        return this.repeat(node, lazy);
      case 'look':
        return `(?${node.ahead ? '' : '<'}${node.negated ? '!' : '='}${this.translate(node.body, false)})`;
      case 'backreference':
        return `(?:\\${node.capture})`;
      case 'anchor':
        return ANCHORS[node.where];
    }
  }

  private branches(branches: readonly RegexNode[], lazy: boolean): string {
    // They come longest first.
    const order = lazy ? [...branches].reverse() : branches;
    return order.map((branch) => this.translate(branch, lazy)).join('|');
  }

  private repeat(node: Extract<RegexNode, { kind: 'repeat' }>, lazy: boolean): string {
    const { min, max } = node;
    const inner = this.translate(node.body, lazy || (!node.greedy && !node.fixed));
    const body = node.body.kind === 'set' || node.body.kind === 'group' ? inner : `(?:${inner})`;
    let bounds = `{${min},${max}}`;
    if (min === max) bounds = `{${min}}`;
    else if (max === Number.POSITIVE_INFINITY) bounds = min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
    else if (min === 0 && max === 1) bounds = '?';
    return `${body}${bounds}${lazy || !node.greedy ? '?' : ''}`;
  }
}

/** Source of the equivalent JavaScript expression without flags; `wide` when the text has characters of two units. */
export function translateRegex(root: RegexNode, wide: boolean): string {
  return new Translator(wide).translate(root, prefersShort(root) === true);
}

/**
 * Trees to JavaScript regular expressions. Sets are spelled out, so that no flag but `u` is needed. Preferences: a
 * branch whose first quantifier is lazy is lazy throughout, as AREs have it; alternatives that are plain strings are
 * tried longest first, since AREs look for the longest match.
 */
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

function codeText(code: number, unicode: boolean): string {
  if (code < 128 && /[0-9A-Za-z]/.test(String.fromCharCode(code))) return String.fromCharCode(code);
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return unicode ? `\\u{${code.toString(16)}}` : '';
}

function setText(ranges: readonly CharRange[], negated: boolean, unicode: boolean): string {
  if (!negated && ranges.length === 1 && ranges[0][0] === ranges[0][1]) {
    const [code] = ranges[0];
    // A character of two units cannot occur where no unit is a surrogate.
    return code > 0xffff && !unicode ? '[]' : codeText(code, unicode);
  }
  const limit = unicode ? 0x10ffff : 0xffff;
  const parts = ranges
    .filter(([first]) => first <= limit)
    .map(([first, last]) => {
      const end = Math.min(last, limit);
      const start = codeText(first, unicode);
      return end === first ? start : `${start}-${codeText(end, unicode)}`;
    });
  return `[${negated ? '^' : ''}${parts.join('')}]`;
}

/** Whether the first quantifier in the branch that says so is lazy; undefined when there is none. */
function prefersShort(node: RegexNode): boolean | undefined {
  switch (node.kind) {
    case 'repeat':
      // {m} has the preference of what it repeats.
      return node.min === node.max ? prefersShort(node.body) : !node.greedy;
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

/** The characters of a node that is a plain string, or null. */
function plainText(node: RegexNode): readonly RegexNode[] | null {
  if (node.kind === 'set') return [node];
  if (node.kind !== 'sequence') return null;
  return node.items.every((item) => item.kind === 'set') ? node.items : null;
}

class Translator {
  constructor(private readonly unicode: boolean) {}

  translate(node: RegexNode, lazy: boolean): string {
    switch (node.kind) {
      case 'set':
        return setText(node.ranges, node.negated, this.unicode);
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
    const plain = branches.map(plainText);
    let order = branches;
    if (plain.every((items) => items !== null)) {
      order = [...branches].sort((a, b) => (plainText(b)?.length ?? 0) - (plainText(a)?.length ?? 0));
      if (lazy) order = [...order].reverse();
    }
    return order.map((branch) => this.translate(branch, lazy)).join('|');
  }

  private repeat(node: Extract<RegexNode, { kind: 'repeat' }>, lazy: boolean): string {
    const { min, max } = node;
    const inner = this.translate(node.body, lazy && node.min !== node.max ? true : lazy);
    const body = node.body.kind === 'set' || node.body.kind === 'group' ? inner : `(?:${inner})`;
    let bounds = `{${min},${max}}`;
    if (min === max) bounds = `{${min}}`;
    else if (max === Number.POSITIVE_INFINITY) bounds = min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
    else if (min === 0 && max === 1) bounds = '?';
    return `${body}${bounds}${lazy || !node.greedy ? '?' : ''}`;
  }
}

/** Source of the equivalent JavaScript expression, for the `u` flag when `unicode`. */
export function translateRegex(root: RegexNode, unicode: boolean): string {
  return new Translator(unicode).translate(root, prefersShort(root) === true);
}

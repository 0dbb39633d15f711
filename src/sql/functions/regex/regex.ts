/**
 * Compiled AREs and a cache of them. Matching uses JavaScript's engine, which backtracks; so that a hostile pattern
 * cannot hold the server, V8 is told to change over to its automaton after 50,000 steps back. The automaton knows neither
 * look-around nor back references; patterns that have them go to `BoundedMatcher`, which counts its steps and gives up.
 */
import { setFlagsFromString } from 'node:v8';
import { hasSurrogates } from '../../../types/text/code-points.js';
import { BoundedMatcher } from './bounded-matcher.js';
import { parseRegex } from './regex-parser.js';
import { translateRegex } from './regex-translator.js';
import { DEFAULT_OPTIONS, type ParsedRegex, type RegexNode, type RegexOptions } from './syntax-tree.js';

setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

/** Where the match lies, in UTF-16 units, and the text of it ([0]) and of each group; null where a group took no part. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | null)[];
}

export class Regex {
  private readonly parsed: ParsedRegex;
  private tester: RegExp | null = null;
  private readonly searchers: (RegExp | null)[] = [null, null];
  private readonly bounded: BoundedMatcher | null;
  private spans: BoundedMatcher | null = null;

  constructor(pattern: string, options: RegexOptions) {
    this.parsed = parseRegex(pattern, options);
    this.bounded = this.parsed.irregular || needsBounds(this.parsed.root) ? new BoundedMatcher(this.parsed) : null;
  }

  test(text: string): boolean {
    if (this.bounded !== null || hasSurrogates(text)) return this.exec(text, 0) !== null;
    this.tester ??= new RegExp(translateRegex(this.parsed.root, false));
    return this.tester.test(text);
  }

  /** The first match that starts at `from` or behind. */
  exec(text: string, from: number): RegexMatch | null {
    if (this.bounded !== null) {
      const found = this.bounded.exec(text, from);
      if (found === null) return null;
      const groups = found.starts.map((start, i) => (start < 0 ? null : text.slice(start, found.ends[i])));
      return { start: found.starts[0], end: found.ends[0], groups };
    }
    const wide = hasSurrogates(text);
    const which = wide ? 1 : 0;
    let searcher = this.searchers[which];
    if (searcher === null) {
      searcher = new RegExp(translateRegex(this.parsed.root, wide), 'g');
      this.searchers[which] = searcher;
    }
    searcher.lastIndex = from;
    const match = searcher.exec(text);
    if (match === null) return null;
    return {
      start: match.index,
      end: match.index + match[0].length,
      groups: Array.from(match, (group: string | undefined) => group ?? null),
    };
  }

  /** Start and end of group number `index` in the first match at `from` or behind; null when it took no part. */
  groupSpan(text: string, from: number, index: number): [start: number, end: number] | null {
    // Asking JavaScript for positions would keep its automaton from taking over.
    this.spans ??= this.bounded ?? new BoundedMatcher(this.parsed);
    const found = this.spans.exec(text, from);
    return found === null || found.starts[index] < 0 ? null : [found.starts[index], found.ends[index]];
  }
}

/** The automaton takes no pattern that repeats something more often than this, counted through all levels. */
const AUTOMATON_COPIES = 16;
const BACKED_ANCHORS = new Set(['line start', 'line end', 'word start', 'word end']);

/** Whether V8's automaton could not take over: anchors that look around, or large counts where steps can multiply. */
function needsBounds(root: RegexNode): boolean {
  let loops = 0;
  let backed = false;
  let largest = 1;
  const visit = (node: RegexNode, copies: number): void => {
    switch (node.kind) {
      case 'anchor':
        if (BACKED_ANCHORS.has(node.where)) backed = true;
        return;
      case 'sequence':
        for (const item of node.items) visit(item, copies);
        return;
      case 'alternatives':
        for (const branch of node.branches) visit(branch, copies);
        return;
      case 'repeat': {
        if (node.min !== node.max) loops++;
        const inner = copies * Math.max(Number.isFinite(node.max) ? node.max : node.min, 1);
        largest = Math.max(largest, inner);
        visit(node.body, inner);
        return;
      }
      case 'group':
      case 'look':
        visit(node.body, copies);
        return;
      default:
        return;
    }
  };
  visit(root, 1);
  return backed || (largest > AUTOMATON_COPIES && loops > 1);
}

const CACHE_SIZE = 200;
const cache = new Map<string, Regex>();

function optionsKey(options: RegexOptions): string {
  return `${Number(options.ignoreCase)}${Number(options.newlineStops)}${Number(options.newlineAnchors)}${Number(options.expanded)}${Number(options.literal)}`;
}

/** The compiled pattern, from the cache when it is there. Throws 2201B. */
export function compileRegex(pattern: string, options: RegexOptions = DEFAULT_OPTIONS): Regex {
  const key = optionsKey(options) + pattern;
  let regex = cache.get(key);
  if (regex === undefined) {
    regex = new Regex(pattern, options);
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(key, regex);
  }
  return regex;
}

/**
 * Compiled AREs and a cache of them. Matching uses JavaScript's engine, which backtracks; so that a hostile pattern
 * cannot hold the server, V8 is told to change over to its automaton after 50,000 steps back. The automaton knows neither
 * look-around nor back references; patterns that have them go to `BoundedMatcher`, which counts its steps and gives up.
 * The automaton takes up to a kilobyte for each character of the text, so in worker threads, where a match may take its
 * time and can be ended, it is not used for long texts.
 */
import { setFlagsFromString } from 'node:v8';
import { hasSurrogates } from '../../../types/text/code-points.js';
import { hasAllTime } from '../../../util/effort.js';
import { BoundedMatcher, tooComplex } from './bounded-matcher.js';
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
  /** By whether the text is wide (1) and whether the automaton is kept out (2). */
  private readonly searchers: (RegExp | null)[] = [null, null, null, null];
  private readonly automatonUnits: number;
  private readonly bounded: BoundedMatcher | null;
  private spans: BoundedMatcher | null = null;

  constructor(pattern: string, options: RegexOptions) {
    this.parsed = parseRegex(pattern, options);
    this.automatonUnits = repeatsNest(this.parsed.root, false) ? NESTED_AUTOMATON_UNITS : AUTOMATON_UNITS;
    this.bounded = this.parsed.irregular || needsBounds(this.parsed.root) ? new BoundedMatcher(this.parsed) : null;
  }

  test(text: string): boolean {
    return this.bounded !== null ? this.bounded.exec(text, 0) !== null : this.search(text, 0) !== null;
  }

  /** The first match that starts at `from` or behind. */
  exec(text: string, from: number): RegexMatch | null {
    if (this.bounded !== null) {
      const found = this.bounded.exec(text, from);
      if (found === null) return null;
      const groups = found.starts.map((start, i) => (start < 0 ? null : text.slice(start, found.ends[i])));
      return { start: found.starts[0], end: found.ends[0], groups };
    }
    const match = this.search(text, from);
    if (match === null) return null;
    return {
      start: match.index,
      end: match.index + match[0].length,
      groups: Array.from(match, (group: string | undefined) => group ?? null),
    };
  }

  /** @throws SqlError 54000 when the engine's own stack does not suffice */
  private search(text: string, from: number): RegExpExecArray | null {
    const searcher = this.searcherFor(text);
    searcher.lastIndex = from;
    try {
      return searcher.exec(text);
    } catch (error) {
      if (error instanceof RangeError) throw tooComplex();
      throw error;
    }
  }

  private searcherFor(text: string): RegExp {
    if (text.length > MAX_AUTOMATON_UNITS && !hasAllTime()) throw tooComplex();
    const wide = hasSurrogates(text);
    const free = hasAllTime() && text.length > this.automatonUnits;
    const which = (wide ? 1 : 0) + (free ? 2 : 0);
    let searcher = this.searchers[which];
    if (searcher === null) {
      const source = translateRegex(this.parsed.root, wide);
      // A look-ahead that is always true: the automaton takes no pattern with one.
      searcher = new RegExp(free ? `(?:${source})(?=)` : source, 'g');
      this.searchers[which] = searcher;
    }
    return searcher;
  }

  /** Start and end of group number `index` in the first match at `from` or behind; null when it took no part. */
  groupSpan(text: string, from: number, index: number): [start: number, end: number] | null {
    // Asking JavaScript for positions would keep its automaton from taking over.
    this.spans ??= this.bounded ?? new BoundedMatcher(this.parsed);
    const found = this.spans.exec(text, from);
    return found === null || found.starts[index] < 0 ? null : [found.starts[index], found.ends[index]];
  }
}

/** Texts of more units are matched without the automaton where there is time; more when steps back can multiply. */
const AUTOMATON_UNITS = 64 * 1024;
const NESTED_AUTOMATON_UNITS = 1024 * 1024;
/** Where nobody can wait (keys of indexes, aggregates) a text of more units is refused. */
const MAX_AUTOMATON_UNITS = 4 * 1024 * 1024;

/** Whether something that repeats stands inside of something that repeats. */
function repeatsNest(node: RegexNode, inside: boolean): boolean {
  switch (node.kind) {
    case 'repeat': {
      const repeats = node.max > 1;
      return (repeats && inside && node.min !== node.max) || repeatsNest(node.body, inside || repeats);
    }
    case 'sequence':
      return node.items.some((item) => repeatsNest(item, inside));
    case 'alternatives':
      return node.branches.some((branch) => repeatsNest(branch, inside));
    case 'group':
    case 'look':
      return repeatsNest(node.body, inside);
    default:
      return false;
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

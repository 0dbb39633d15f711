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

/** Start and end of the match and of each group, in UTF-16 units; -1 where a group took no part. */
export interface RegexMatch {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

export class Regex {
  readonly captures: number;
  private readonly parsed: ParsedRegex;
  private tester: RegExp | null = null;
  private readonly searchers: (RegExp | null)[] = [null, null];
  private readonly bounded: BoundedMatcher | null;

  constructor(pattern: string, options: RegexOptions) {
    this.parsed = parseRegex(pattern, options);
    this.captures = this.parsed.captures;
    this.bounded = needsBounds(this.parsed) ? new BoundedMatcher(this.parsed) : null;
  }

  test(text: string): boolean {
    if (this.bounded !== null || hasSurrogates(text)) return this.exec(text, 0) !== null;
    this.tester ??= new RegExp(translateRegex(this.parsed.root, false));
    return this.tester.test(text);
  }

  /** The first match that starts at `from` or behind. */
  exec(text: string, from: number): RegexMatch | null {
    if (this.bounded !== null) return this.bounded.exec(text, from);
    const unicode = hasSurrogates(text);
    const which = unicode ? 1 : 0;
    let searcher = this.searchers[which];
    if (searcher === null) {
      searcher = new RegExp(translateRegex(this.parsed.root, unicode), unicode ? 'dgu' : 'dg');
      this.searchers[which] = searcher;
    }
    searcher.lastIndex = from;
    const match = searcher.exec(text);
    if (match === null || match.indices === undefined) return null;
    return {
      starts: match.indices.map((pair) => pair?.[0] ?? -1),
      ends: match.indices.map((pair) => pair?.[1] ?? -1),
    };
  }
}

/** Whether V8's automaton could not take over: look-around (some anchors are), back references, long counts. */
function needsBounds(parsed: ParsedRegex): boolean {
  return parsed.irregular || hasBackedAnchors(parsed.root);
}

const BACKED_ANCHORS = new Set(['line start', 'line end', 'word start', 'word end']);

function hasBackedAnchors(node: RegexNode): boolean {
  switch (node.kind) {
    case 'anchor':
      return BACKED_ANCHORS.has(node.where);
    case 'sequence':
      return node.items.some(hasBackedAnchors);
    case 'alternatives':
      return node.branches.some(hasBackedAnchors);
    case 'group':
    case 'repeat':
    case 'look':
      return hasBackedAnchors(node.body);
    default:
      return false;
  }
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

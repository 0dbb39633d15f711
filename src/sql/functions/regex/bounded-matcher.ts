/**
 * A backtracking matcher over the tree that counts its steps: for patterns that an automaton cannot match. Nodes are
 * compiled to closures in continuation-passing style; beyond the limit of steps the statement fails.
 */
import { sqlError } from '../../../errors/sql-error.js';
import { hasSurrogates } from '../../../types/text/code-points.js';
import { giveUp, hasAllTime, isAttempt } from '../../../util/effort.js';
import { contains, WORD } from './char-set.js';
import type { Anchor, ParsedRegex, RegexNode } from './syntax-tree.js';

/** Where nobody can wait, and in an attempt, which is repeated where there is time. */
const MAX_STEPS = 5_000_000;
const ATTEMPT_STEPS = 50_000;
/** Repetitions nest calls; this many would come near the end of the stack. */
const MAX_DEPTH = 3000;

interface State {
  readonly codes: Uint16Array | Uint32Array;
  readonly starts: number[];
  readonly ends: number[];
  steps: number;
  readonly limit: number;
  readonly maxDepth: number;
  depth: number;
}

/** Start and end of the match and of each group, in UTF-16 units; -1 where a group took no part. */
export interface MatchSpans {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

type Continue = (at: number) => boolean;
type Step = (state: State, at: number, next: Continue) => boolean;

/** The error of a pattern that is too much for us. @throws TakesLong in an attempt */
export function tooComplex(): Error {
  giveUp();
  return sqlError('program_limit_exceeded', 'regular expression failed: regular expression is too complex');
}

function isWord(state: State, at: number): boolean {
  return at >= 0 && at < state.codes.length && contains(WORD, state.codes[at]);
}

function anchored(where: Anchor, state: State, at: number): boolean {
  switch (where) {
    case 'text start':
      return at === 0;
    case 'text end':
      return at === state.codes.length;
    case 'line start':
      return at === 0 || state.codes[at - 1] === 10;
    case 'line end':
      return at === state.codes.length || state.codes[at] === 10;
    case 'word start':
      return isWord(state, at) && !isWord(state, at - 1);
    case 'word end':
      return isWord(state, at - 1) && !isWord(state, at);
    case 'word edge':
      return isWord(state, at - 1) !== isWord(state, at);
    case 'not word edge':
      return isWord(state, at - 1) === isWord(state, at);
  }
}

function compileSequence(steps: readonly Step[]): Step {
  if (steps.length === 1) return steps[0];
  const run = (state: State, index: number, at: number, next: Continue): boolean =>
    index === steps.length ? next(at) : steps[index](state, at, (after) => run(state, index + 1, after, next));
  return (state, at, next) => run(state, 0, at, next);
}

function compileRepeat(body: Step, min: number, max: number, greedy: boolean): Step {
  const run = (state: State, count: number, at: number, next: Continue): boolean => {
    if (++state.steps > state.limit || ++state.depth > state.maxDepth) throw tooComplex();
    const again = (): boolean =>
      count < max &&
      // An empty turn behind the required ones would repeat for ever.
      body(state, at, (after) => (after === at && count >= min ? false : run(state, count + 1, after, next)));
    const found = count < min ? again() : greedy ? again() || next(at) : next(at) || again();
    state.depth--;
    return found;
  };
  return (state, at, next) => run(state, 0, at, next);
}

/** A single set, repeated: no nesting, however long. */
function compileSetRepeat(matches: (code: number) => boolean, min: number, max: number, greedy: boolean): Step {
  return (state, at, next) => {
    const limit = Math.min(state.codes.length, at + max);
    let end = at;
    while (end < limit && matches(state.codes[end])) end++;
    state.steps += end - at + 1;
    if (state.steps > state.limit) throw tooComplex();
    const least = at + min;
    if (greedy) {
      for (let i = end; i >= least; i--) if (next(i)) return true;
    } else {
      for (let i = least; i <= end; i++) if (next(i)) return true;
    }
    return false;
  };
}

export class BoundedMatcher {
  private readonly root: Step;
  /** The text that several matches are looked for in. */
  private text: TextCodes | null = null;

  constructor(private readonly parsed: ParsedRegex) {
    this.root = this.compile(parsed.root);
  }

  private compile(node: RegexNode): Step {
    switch (node.kind) {
      case 'set': {
        const matches = setTest(node);
        return (state, at, next) => {
          if (++state.steps > state.limit) throw tooComplex();
          return at < state.codes.length && matches(state.codes[at]) && next(at + 1);
        };
      }
      case 'sequence':
        return node.items.length === 0
          ? (_state, at, next) => next(at)
          : compileSequence(node.items.map((item) => this.compile(item)));
      case 'alternatives': {
        const branches = node.branches.map((branch) => this.compile(branch));
        return (state, at, next) => branches.some((branch) => branch(state, at, next));
      }
      case 'group':
        return node.capture === 0 ? this.compile(node.body) : this.group(this.compile(node.body), node.capture);
      case 'repeat':
        return node.body.kind === 'set'
          ? compileSetRepeat(setTest(node.body), node.min, node.max, node.greedy)
          : compileRepeat(this.compile(node.body), node.min, node.max, node.greedy);
      case 'look':
        return this.look(this.compile(node.body), node.ahead, node.negated);
      case 'backreference':
        return this.backreference(node.capture);
      case 'anchor':
        return (state, at, next) => anchored(node.where, state, at) && next(at);
    }
  }

  private group(body: Step, capture: number): Step {
    return (state, at, next) => {
      const start = state.starts[capture];
      const end = state.ends[capture];
      const found = body(state, at, (after) => {
        const innerStart = state.starts[capture];
        const innerEnd = state.ends[capture];
        state.starts[capture] = at;
        state.ends[capture] = after;
        if (next(after)) return true;
        state.starts[capture] = innerStart;
        state.ends[capture] = innerEnd;
        return false;
      });
      if (!found) {
        state.starts[capture] = start;
        state.ends[capture] = end;
      }
      return found;
    };
  }

  private look(body: Step, ahead: boolean, negated: boolean): Step {
    return (state, at, next) => {
      let found = false;
      if (ahead) found = body(state, at, () => true);
      else for (let start = at; start >= 0 && !found; start--) found = body(state, start, (after) => after === at);
      return found !== negated && next(at);
    };
  }

  private backreference(capture: number): Step {
    const fold = this.parsed.ignoreCase;
    return (state, at, next) => {
      const start = state.starts[capture];
      const end = state.ends[capture];
      if (start < 0 || at + end - start > state.codes.length) return false;
      state.steps += end - start;
      for (let i = start; i < end; i++) {
        if (!sameCode(state.codes[i], state.codes[at + i - start], fold)) return false;
      }
      return next(at + end - start);
    };
  }

  /** Positions are UTF-16 units outside, code points inside. */
  exec(text: string, from: number): MatchSpans | null {
    const { codes, units } = this.codesOf(text, from);
    const state = newState(codes, this.parsed.captures + 1);
    const first = units === null ? from : lowerBound(units, from);
    for (let start = first; start <= codes.length; start++) {
      state.depth = 0;
      const end = this.matchAt(state, start);
      if (end < 0) continue;
      state.starts[0] = start;
      state.ends[0] = end;
      const unitOf = (index: number): number => (index < 0 || units === null ? index : units[index]);
      return { starts: state.starts.map(unitOf), ends: state.ends.map(unitOf) };
    }
    this.text = null;
    return null;
  }

  /** Where the match that begins at `start` ends; -1 when there is none. */
  private matchAt(state: State, start: number): number {
    let end = -1;
    const accept = (after: number): boolean => {
      end = after;
      return true;
    };
    try {
      return this.root(state, start, accept) ? end : -1;
    } catch (error) {
      if (error instanceof RangeError) throw tooComplex();
      throw error;
    }
  }

  /** The text's code points; those of a text in which several matches are looked for are kept until there are no more. */
  private codesOf(text: string, from: number): TextCodes {
    if (this.text !== null && this.text.text === text) return this.text;
    const codes = textCodes(text);
    this.text = from > 0 ? codes : null;
    return codes;
  }
}

function newState(codes: TextCodes['codes'], size: number): State {
  return {
    codes,
    starts: Array(size).fill(-1),
    ends: Array(size).fill(-1),
    steps: 0,
    limit: hasAllTime() ? Number.POSITIVE_INFINITY : isAttempt() ? ATTEMPT_STEPS : MAX_STEPS,
    maxDepth: hasAllTime() ? Number.POSITIVE_INFINITY : MAX_DEPTH,
    depth: 0,
  };
}

/** A text as code points, with the place of each in UTF-16 units; no places where they are the same. */
interface TextCodes {
  readonly text: string;
  readonly codes: Uint16Array | Uint32Array;
  readonly units: Uint32Array | null;
}

function textCodes(text: string): TextCodes {
  if (!hasSurrogates(text)) {
    const codes = new Uint16Array(text.length);
    for (let i = 0; i < text.length; i++) codes[i] = text.charCodeAt(i);
    return { text, codes, units: null };
  }
  const codes = new Uint32Array(text.length);
  const units = new Uint32Array(text.length + 1);
  let count = 0;
  for (let unit = 0; unit < text.length; count++) {
    const code = text.codePointAt(unit) ?? 0;
    codes[count] = code;
    units[count] = unit;
    unit += code > 0xffff ? 2 : 1;
  }
  units[count] = text.length;
  return { text, codes: codes.subarray(0, count), units: units.subarray(0, count + 1) };
}

/** The first place that is not before `unit`. */
function lowerBound(units: Uint32Array, unit: number): number {
  let low = 0;
  let high = units.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (units[middle] < unit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function setTest(node: Extract<RegexNode, { kind: 'set' }>): (code: number) => boolean {
  const { ranges, negated } = node;
  return (code) => contains(ranges, code) !== negated;
}

function sameCode(a: number, b: number, fold: boolean): boolean {
  if (a === b) return true;
  return fold && (a ^ b) === 32 && (a | 32) >= 97 && (a | 32) <= 122;
}

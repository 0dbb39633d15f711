/**
 * Line breaks and indentation of a definition. A line break is kept as a mark that no SQL text can hold, because spaces
 * before it go, but never those inside of literals; `finish` makes text of the whole.
 */
import type { PrintLayout } from '../plan/print-expression.js';

/** Steps of indentation: of clauses, joins, and parts of expressions. */
export const STEP = 8;
export const JOIN_STEP = 4;
export const PART_STEP = 4;
/** Deeper than this lines move right by less. */
const LIMIT = 40;

const BREAK = '\u0000';

export class Sheet implements PrintLayout {
  constructor(private level = 0) {}

  get indent(): number {
    return this.level;
  }

  /** Moves the indentation without a line break. */
  shift(by: number): void {
    this.level += by;
  }

  /** A new line with `word`, `extra` spaces behind its indentation; `before` and `after` move the indentation. */
  line(word: string, before: number, after: number, extra = 0): string {
    this.level += before;
    const spaces = spacesFor(this.level) + extra;
    this.level = Math.max(0, this.level + after);
    return BREAK + ' '.repeat(spaces) + word;
  }
}

function spacesFor(level: number): number {
  const depth = Math.max(level, 0);
  if (depth < LIMIT) return depth;
  return (LIMIT + (depth - LIMIT) / (STEP / 2)) % LIMIT;
}

/** Whether a text begins with a line break. */
export function startsLine(text: string): boolean {
  return text.startsWith(BREAK);
}

export function hasLines(text: string): boolean {
  return text.includes(BREAK) || text.includes('\n');
}

/** Bytes on the last line of a text so far. */
export function lastLineLength(text: string): number {
  return Buffer.byteLength(text.slice(Math.max(text.lastIndexOf(BREAK), text.lastIndexOf('\n')) + 1));
}

export function finish(text: string): string {
  return text.replace(/ *\u0000/g, '\n');
}

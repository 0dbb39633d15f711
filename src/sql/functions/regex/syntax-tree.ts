/**
 * Advanced regular expressions (PostgreSQL's AREs) as a tree. Character sets are ranges of code points, sorted and
 * disjoint, with case folding and newline rules already applied.
 */
import { type SqlError, sqlError } from '../../../errors/sql-error.js';

export type CharRange = readonly [first: number, last: number];

export type RegexNode =
  | { readonly kind: 'set'; readonly ranges: readonly CharRange[]; readonly negated: boolean }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'alternatives'; readonly branches: readonly RegexNode[] }
  | { readonly kind: 'group'; readonly body: RegexNode /** 0: not capturing. */; readonly capture: number }
  | {
      readonly kind: 'repeat';
      readonly body: RegexNode;
      readonly min: number;
      /** Infinity when there is no limit. */
      readonly max: number;
      readonly greedy: boolean;
      /** Written `{m}`: such a quantifier has no preference of its own. */
      readonly fixed: boolean;
    }
  | { readonly kind: 'look'; readonly body: RegexNode; readonly ahead: boolean; readonly negated: boolean }
  | { readonly kind: 'backreference'; readonly capture: number }
  | { readonly kind: 'anchor'; readonly where: Anchor };

export type Anchor =
  | 'text start'
  | 'text end'
  | 'line start'
  | 'line end'
  | 'word start'
  | 'word end'
  | 'word edge'
  | 'not word edge';

export interface ParsedRegex {
  readonly root: RegexNode;
  readonly captures: number;
  readonly ignoreCase: boolean;
  /** Whether look-around or back references occur, which no automaton matches in linear time. */
  readonly irregular: boolean;
}

export interface RegexOptions {
  readonly ignoreCase: boolean;
  /** `.` and negated sets do not match newlines. */
  readonly newlineStops: boolean;
  /** `^` and `$` match at lines. */
  readonly newlineAnchors: boolean;
  /** White space and comments are left out. */
  readonly expanded: boolean;
  /** No character is special. */
  readonly literal: boolean;
}

export const DEFAULT_OPTIONS: RegexOptions = {
  ignoreCase: false,
  newlineStops: false,
  newlineAnchors: false,
  expanded: false,
  literal: false,
};

export function regexError(reason: string): SqlError {
  return sqlError('invalid_regular_expression', `invalid regular expression: ${reason}`);
}

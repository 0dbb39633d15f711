/** Patterns of to_char and to_number for numbers: the text cut into nodes, and what they say together. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';

export type PatternNode =
  | { readonly kind: '9' | '0' | '.' | ',' | 'D' | 'G' | 'L' | 'MI' | 'PL' | 'SG' | 'TH' | 'th' | 'other' }
  | { readonly kind: 'text'; readonly text: string };

export interface NumberPattern {
  readonly nodes: readonly PatternNode[];
  /** Digit places before and behind the point. */
  pre: number;
  post: number;
  /** Digit places behind V. */
  multi: number;
  zero: boolean;
  zeroStart: number;
  zeroEnd: number;
  decimal: boolean;
  fill: boolean;
  /** Where S stands. */
  sign: 'none' | 'before' | 'behind';
  signAt: number;
  minus: boolean;
  plus: boolean;
  brackets: boolean;
  shifted: boolean;
  roman: 'none' | 'upper' | 'lower';
  exponent: boolean;
}

const KEYWORD = /EEEE|eeee|FM|fm|MI|mi|PL|pl|PR|pr|RN|rn|SG|sg|SP|sp|TH|th|[,.09BbDdGgLlSsVv]/y;

function syntax(message: string, detail?: string): SqlError {
  return sqlError('syntax_error', message, detail === undefined ? {} : { detail });
}

function emptyPattern(nodes: readonly PatternNode[]): NumberPattern {
  return {
    nodes,
    pre: 0,
    post: 0,
    multi: 0,
    zero: false,
    zeroStart: 0,
    zeroEnd: 0,
    decimal: false,
    fill: false,
    sign: 'none',
    signAt: 0,
    minus: false,
    plus: false,
    brackets: false,
    shifted: false,
    roman: 'none',
    exponent: false,
  };
}

function digitPlace(pattern: NumberPattern, zero: boolean): void {
  if (pattern.brackets) throw syntax(`"${zero ? 0 : 9}" must be ahead of "PR"`);
  if (!zero && pattern.shifted) {
    pattern.multi++;
    return;
  }
  if (zero && !pattern.zero && !pattern.decimal) {
    pattern.zero = true;
    pattern.zeroStart = pattern.pre + 1;
  }
  if (pattern.decimal) pattern.post++;
  else pattern.pre++;
  if (zero) pattern.zeroEnd = pattern.pre + pattern.post;
}

function decimalPoint(pattern: NumberPattern): void {
  if (pattern.decimal) throw syntax('multiple decimal points');
  if (pattern.shifted) throw syntax('cannot use "V" and decimal point together');
  pattern.decimal = true;
}

function localeSign(pattern: NumberPattern): void {
  if (pattern.sign !== 'none') throw syntax('cannot use "S" twice');
  if (pattern.plus || pattern.minus || pattern.brackets) {
    throw syntax('cannot use "S" and "PL"/"MI"/"SG"/"PR" together');
  }
  if (pattern.decimal) {
    pattern.sign = 'behind';
  } else {
    pattern.sign = 'before';
    pattern.signAt = pattern.pre;
  }
}

function ownSign(pattern: NumberPattern, name: 'MI' | 'PL' | 'SG'): void {
  if (pattern.sign !== 'none') throw syntax(`cannot use "S" and "${name}" together`);
  if (name !== 'PL') pattern.minus = true;
  if (name !== 'MI') pattern.plus = true;
}

function scientific(pattern: NumberPattern): void {
  if (pattern.exponent) throw syntax('cannot use "EEEE" twice');
  const { fill, sign, minus, plus, brackets, shifted, roman } = pattern;
  if (fill || sign !== 'none' || minus || plus || brackets || shifted || roman !== 'none') {
    throw syntax(
      '"EEEE" is incompatible with other formats',
      '"EEEE" may only be used together with digit and decimal point patterns.',
    );
  }
  pattern.exponent = true;
}

/** Takes one keyword into account; returns the node that stands for it in the output. */
function keyword(pattern: NumberPattern, word: string): PatternNode {
  if (pattern.exponent && word !== 'EEEE') throw syntax('"EEEE" must be the last pattern used');
  const upper = word.toUpperCase();
  switch (upper) {
    case '9':
    case '0':
      digitPlace(pattern, upper === '0');
      return { kind: upper };
    case '.':
    case 'D':
      decimalPoint(pattern);
      return { kind: upper };
    case ',':
    case 'G':
    case 'L':
      return { kind: upper };
    case 'MI':
    case 'PL':
    case 'SG':
      ownSign(pattern, upper);
      return { kind: upper };
    case 'TH':
      return { kind: word === 'TH' ? 'TH' : 'th' };
    case 'S':
      localeSign(pattern);
      break;
    case 'PR':
      if (pattern.sign !== 'none' || pattern.plus || pattern.minus) {
        throw syntax('cannot use "PR" and "S"/"PL"/"MI"/"SG" together');
      }
      pattern.brackets = true;
      break;
    case 'FM':
      pattern.fill = true;
      break;
    case 'RN':
      pattern.roman = word === 'RN' ? 'upper' : 'lower';
      break;
    case 'V':
      if (pattern.decimal) throw syntax('cannot use "V" and decimal point together');
      pattern.shifted = true;
      break;
    case 'EEEE':
      scientific(pattern);
      break;
    default:
      break;
  }
  return { kind: 'other' };
}

/** Reads a format. Throws 42601 for combinations that make no sense. */
export function parseNumberPattern(format: string): NumberPattern {
  const nodes: PatternNode[] = [];
  const pattern = emptyPattern(nodes);
  for (let at = 0; at < format.length; ) {
    KEYWORD.lastIndex = at;
    const match = KEYWORD.exec(format);
    if (match !== null) {
      nodes.push(keyword(pattern, match[0]));
      at += match[0].length;
    } else if (format[at] === '"') {
      const quoted = /"((?:[^"\\]|\\[\s\S])*)"?/y;
      quoted.lastIndex = at;
      const text = quoted.exec(format);
      nodes.push({ kind: 'text', text: (text?.[1] ?? '').replace(/\\([\s\S])/g, '$1') });
      at += text?.[0].length ?? 1;
    } else {
      const start = format[at] === '\\' && format[at + 1] === '"' ? at + 1 : at;
      const character = String.fromCodePoint(format.codePointAt(start) ?? 0);
      nodes.push({ kind: 'text', text: character });
      at = start + character.length;
    }
  }
  return pattern;
}

/**
 * Numbers and parameters that run into a name (`1a`, `0x1F`, `$1a`): PostgreSQL 15's scanner refuses them, while the
 * grammar here still takes such a text for two tokens. Texts without anything of the kind cost one pass over it.
 */

/** One token, with what makes up a name behind a number or parameter as its groups; block comments are found by hand. */
const TOKEN = new RegExp(
  [
    String.raw`--[^\n]*`,
    String.raw`[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'`,
    `'[^']*'`,
    `"[^"]*"`,
    String.raw`(?<quote>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`\$\d+(?<afterParameter>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)?`,
    String.raw`[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*`,
    String.raw`(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?<afterNumber>[eE][+-]|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)?`,
    String.raw`(?<comment>/\*)`,
    String.raw`[\s\S]`,
  ].join('|'),
  'y',
);

export interface NumericJunk {
  readonly message: string;
  /** 0-based position in characters. */
  readonly cursor: number;
}

/** The first one of the text; null: there is none. */
export function findNumericJunk(sql: string): NumericJunk | null {
  if (!isSuspicious(sql)) return null;
  let position = 0;
  while (position < sql.length) {
    TOKEN.lastIndex = position;
    const token = TOKEN.exec(sql);
    if (token?.groups === undefined) return null;
    const { quote, comment, afterParameter, afterNumber } = token.groups;
    if ((afterParameter ?? afterNumber) !== undefined) {
      const what = afterNumber === undefined ? 'parameter' : 'numeric literal';
      return {
        message: `trailing junk after ${what} at or near "${token[0]}"`,
        cursor: [...sql.slice(0, position)].length,
      };
    }
    const end = position + token[0].length;
    if (quote !== undefined) position = endOf(sql, quote, end);
    else if (comment !== undefined) position = commentEnd(sql, end);
    else position = end;
  }
  return null;
}

/** Behind the next `closing`; the end of the text when it never comes, which is the grammar's to tell. */
function endOf(sql: string, closing: string, from: number): number {
  const at = sql.indexOf(closing, from);
  return at < 0 ? sql.length : at + closing.length;
}

/** Block comments nest. */
function commentEnd(sql: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  let depth = 1;
  for (let found = mark.exec(sql); found !== null; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return sql.length;
}

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;
const isLetter = (unit: number): boolean =>
  (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || unit === 95 || unit >= 128;

/**
 * Whether there may be such a number: strings and comments are not told apart, nor numbers with an exponent. By hand, as a
 * pattern over a text of megabytes would take gigabytes.
 */
function isSuspicious(sql: string): boolean {
  for (let i = 0; i < sql.length; i++) {
    if (!isDigit(sql.charCodeAt(i)) || (i > 0 && endsName(sql, i - 1))) continue;
    let end = i + 1;
    while (end < sql.length && (isDigit(sql.charCodeAt(end)) || sql[end] === '.')) end++;
    if (end < sql.length && isLetter(sql.charCodeAt(end))) return true;
    i = end - 1;
  }
  return false;
}

/** Whether digits behind this place belong to a name, or stand at the beginning of a string. */
function endsName(sql: string, at: number): boolean {
  if (sql[at] === '$') return at > 0 && endsWord(sql.charCodeAt(at - 1));
  return endsWord(sql.charCodeAt(at));
}

const endsWord = (unit: number): boolean =>
  isDigit(unit) || isLetter(unit) || unit === 36 || unit === 34 || unit === 39;

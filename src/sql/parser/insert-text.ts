/**
 * Where the rows of an INSERT … VALUES begin and end in its text, found without a grammar: such texts grow to tens of
 * megabytes, and their syntax trees to many times that. Whatever this scanner is not sure about it leaves alone; what it
 * finds is checked by the grammar afterwards.
 */

export interface InsertText {
  /** Start and end of each row, parentheses included, in UTF-16 units. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const BEGINNING = /(?:\s|--[^\n]*\n|\/\*[^*]*\*\/)*insert\s/iy;
/** What rows and the text before them are made of, as far as it matters here. */
const TOKEN =
  /'|"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|\$\d|--|\/\*|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|[(),;]/g;
const COMMENT_EDGE = /\/\*|\*\//g;
const ESCAPED_END = /\\[\s\S]|'/g;

class Scanner {
  private at = 0;

  constructor(private readonly sql: string) {}

  /** The next word or sign that is not inside of quotes or a comment; '' at the end, null where nothing is sure. */
  next(): string | null {
    for (;;) {
      TOKEN.lastIndex = this.at;
      const found = TOKEN.exec(this.sql);
      if (found === null) return '';
      const [token] = found;
      this.at = TOKEN.lastIndex;
      if (token.length > 1 && token[0] === '$' && token[token.length - 1] !== '$') return null;
      if (token === "'" || token === '"' || token[0] === '$') {
        if (!this.skipTo(token)) return null;
      } else if (token === '--') this.skipTo('\n');
      else if (token === '/*') {
        if (!this.skipComment()) return null;
      } else if (/^e$/i.test(token) && this.sql[this.at] === "'") {
        if (!this.skipEscaped()) return null;
      } else return token;
    }
  }

  get position(): number {
    return this.at;
  }

  private skipTo(end: string): boolean {
    const found = this.sql.indexOf(end, this.at);
    this.at = found < 0 ? this.sql.length : found + end.length;
    return found >= 0;
  }

  private skipComment(): boolean {
    COMMENT_EDGE.lastIndex = this.at;
    for (let depth = 1; depth > 0; ) {
      const edge = COMMENT_EDGE.exec(this.sql);
      if (edge === null) return false;
      depth += edge[0] === '/*' ? 1 : -1;
    }
    this.at = COMMENT_EDGE.lastIndex;
    return true;
  }

  /** Behind the quote that ends an escape string. */
  private skipEscaped(): boolean {
    ESCAPED_END.lastIndex = this.at + 1;
    for (let found = ESCAPED_END.exec(this.sql); found !== null; found = ESCAPED_END.exec(this.sql)) {
      if (found[0] !== "'") continue;
      this.at = ESCAPED_END.lastIndex;
      return true;
    }
    return false;
  }
}

/** The rows of a text that is a single INSERT … VALUES without parameters; null when it is none, or not surely one. */
export function scanInsert(sql: string): InsertText | null {
  BEGINNING.lastIndex = 0;
  if (!BEGINNING.test(sql)) return null;
  const scanner = new Scanner(sql);
  if (!skipToValues(scanner)) return null;
  const starts: number[] = [];
  const ends: number[] = [];
  for (;;) {
    if (scanner.next() !== '(') return null;
    starts.push(scanner.position - 1);
    if (!skipToClosing(scanner)) return null;
    ends.push(scanner.position);
    const token = scanner.next();
    if (token === ',') continue;
    // What follows the rows must not hold rows or statements of its own.
    for (let rest = token; rest !== ''; rest = scanner.next()) {
      if (rest === null || (rest !== ';' && token === ';') || /^values$/i.test(rest)) return null;
    }
    return { starts, ends };
  }
}

function skipToValues(scanner: Scanner): boolean {
  let depth = 0;
  for (let token = scanner.next(); token !== '' && token !== null; token = scanner.next()) {
    if (token === '(') depth++;
    else if (token === ')') depth--;
    else if (token === ';' || /^select$/i.test(token)) return false;
    else if (depth === 0 && /^values$/i.test(token)) return true;
  }
  return false;
}

function skipToClosing(scanner: Scanner): boolean {
  let depth = 1;
  while (depth > 0) {
    const token = scanner.next();
    if (token === '' || token === null) return false;
    if (token === '(') depth++;
    else if (token === ')') depth--;
  }
  return true;
}

/**
 * Patterns of to_char(), to_date() and to_timestamp() for dates and times, cut into nodes. A pattern is read once and
 * kept.
 */

export interface PatternField {
  readonly kind: 'field';
  /** As written: `Month`, `HH24`. */
  readonly name: string;
  /** In upper case. */
  readonly field: string;
  /** FM: no padding. */
  readonly fill: boolean;
  /** TM: names of the locale, which are English and unpadded. */
  readonly translated: boolean;
  /** Ordinal ending. */
  readonly ordinal: '' | 'TH' | 'th';
}

export interface PatternText {
  readonly kind: 'separator' | 'space' | 'text';
  readonly character: string;
}

export type PatternNode = PatternField | PatternText;

const FIELDS =
  'A.D. A.M. AD AM B.C. BC CC DAY DDD DD DY D FF1 FF2 FF3 FF4 FF5 FF6 FX HH24 HH12 HH IDDD ID IW IYYY IYY IY I J MI MM MONTH MON MS OF P.M. PM Q RM SSSSS SSSS SS TZH TZM TZ US WW W Y,YYY YYYY YYY YY Y'.split(
    ' ',
  );
const NAMES = [...FIELDS, ...FIELDS.map((name) => name.toLowerCase()), 'Month', 'Mon', 'Day', 'Dy'];
const BY_FIRST = new Map<string, string[]>();
for (const name of NAMES) {
  const list = BY_FIRST.get(name[0]) ?? [];
  list.push(name);
  BY_FIRST.set(name[0], list);
}
for (const list of BY_FIRST.values()) list.sort((a, b) => b.length - a.length);

const MAX_KEPT = 200;
const kept = new Map<string, readonly PatternNode[]>();

export function datetimePattern(text: string): readonly PatternNode[] {
  let nodes = kept.get(text);
  if (nodes === undefined) {
    nodes = new PatternReader(text).read();
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(text, nodes);
  }
  return nodes;
}

/** Any ASCII character that is neither a letter nor a digit. */
export function isSeparator(character: string): boolean {
  return character > ' ' && character < '\x7f' && !/[A-Za-z0-9]/.test(character);
}

export function isSpace(character: string): boolean {
  return character === ' ' || (character >= '\t' && character <= '\r');
}

class PatternReader {
  private position = 0;
  private readonly nodes: PatternNode[] = [];

  constructor(private readonly text: string) {}

  read(): readonly PatternNode[] {
    while (this.position < this.text.length) this.next();
    return this.nodes;
  }

  private next(): void {
    const prefix = this.take(['FM', 'fm', 'TM', 'tm']);
    const name = this.take(BY_FIRST.get(this.text.charAt(this.position)) ?? []);
    if (name === '') {
      if (this.position < this.text.length) this.literal();
      return;
    }
    const ending = this.take(['TH', 'th', 'SP']);
    this.nodes.push({
      kind: 'field',
      name,
      field: name.toUpperCase(),
      fill: prefix.toUpperCase() === 'FM',
      translated: prefix.toUpperCase() === 'TM',
      ordinal: ending === 'TH' || ending === 'th' ? ending : '',
    });
  }

  private take(words: readonly string[]): string {
    const word = words.find((candidate) => this.text.startsWith(candidate, this.position)) ?? '';
    this.position += word.length;
    return word;
  }

  private literal(): void {
    if (this.text[this.position] === '"') {
      this.quoted();
      return;
    }
    if (this.text.startsWith('\\"', this.position)) this.position++;
    const character = this.character();
    const kind = isSeparator(character) ? 'separator' : isSpace(character) ? 'space' : 'text';
    this.nodes.push({ kind, character });
  }

  private quoted(): void {
    this.position++;
    while (this.position < this.text.length) {
      if (this.text[this.position] === '"') {
        this.position++;
        return;
      }
      if (this.text[this.position] === '\\' && this.position + 1 < this.text.length) this.position++;
      this.nodes.push({ kind: 'text', character: this.character() });
    }
  }

  private character(): string {
    const character = String.fromCodePoint(this.text.codePointAt(this.position) ?? 0);
    this.position += character.length;
    return character;
  }
}

/** Whether the field is read as digits only. */
export function isDigitField(field: string): boolean {
  return /^(CC|D{1,3}|FF[1-6]|HH|HH12|HH24|ID|IDDD|IW|I|IY|IYY|IYYY|J|MI|MM|MS|Q|S{2}|S{4,5}|US|WW?|Y{1,4}|Y,YYY|TZM)$/.test(
    field,
  );
}

export const MONTH_NAMES =
  'January February March April May June July August September October November December'.split(' ');
export const DAY_NAMES = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
/** From December to January. */
export const ROMAN_MONTHS = 'XII XI X IX VIII VII VI V IV III II I'.split(' ');

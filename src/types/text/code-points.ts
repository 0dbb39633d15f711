/** Characters as SQL counts them: code points, where JavaScript counts UTF-16 units. */

const SURROGATE = /[\ud800-\udfff]/;

/** Whether the text has characters of two units; most has none, and then units are characters. */
export function hasSurrogates(text: string): boolean {
  return SURROGATE.test(text);
}

export function characterCount(text: string): number {
  if (!hasSurrogates(text)) return text.length;
  let count = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) !== 0xdc00) count++;
  return count;
}

/** Unit index of the character at `index` (counted in code points); the length of the text when beyond it. */
export function unitIndex(text: string, index: number): number {
  if (!hasSurrogates(text)) return Math.min(index, text.length);
  let unit = 0;
  for (let i = 0; i < index && unit < text.length; i++) {
    unit += (text.charCodeAt(unit) & 0xfc00) === 0xd800 ? 2 : 1;
  }
  return unit;
}

/** Characters `from` to `to` (0-based, end exclusive). */
export function sliceCharacters(text: string, from: number, to: number): string {
  if (!hasSurrogates(text)) return text.slice(from, to);
  return text.slice(unitIndex(text, from), unitIndex(text, to));
}

/** Longest prefix of at most `limit` UTF-8 bytes. */
export function truncateUtf8(text: string, limit: number): string {
  if (text.length * 3 <= limit) return text;
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= limit) return text;
  let end = limit;
  while ((bytes[end] & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

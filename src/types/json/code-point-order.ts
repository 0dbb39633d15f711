/**
 * Order of strings by their UTF-8 bytes, which is the order of their code points (the C collation). JavaScript's own
 * order by UTF-16 units differs from it only where surrogates meet U+E000 to U+FFFF.
 */

/** From here on units may be surrogates, which belong behind all other units. */
const WIDE = 0xd800;

/** Negative, zero or positive. Reads no further than the first difference: most strings differ soon. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return x < WIDE || y < WIDE ? x - y : compareWideUnits(x, y);
  }
  return a.length - b.length;
}

function compareWideUnits(x: number, y: number): number {
  const isSurrogateX = x <= 0xdfff;
  return isSurrogateX === y <= 0xdfff ? x - y : isSurrogateX ? 1 : -1;
}

/** How many bytes `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  const length = text.length;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) >= 128) return Buffer.byteLength(text);
  return length;
}

/**
 * Order of strings by their UTF-8 bytes, which is the order of their code points (the C collation). JavaScript's own
 * order by UTF-16 units differs from it only where surrogates meet U+E000 to U+FFFF.
 */

function hasWideUnits(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0xd800) return true;
  return false;
}

/** Negative, zero or positive. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  if (!hasWideUnits(a) || !hasWideUnits(b)) return a < b ? -1 : 1;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const wideX = x >= 0xd800 && x <= 0xdfff;
    const wideY = y >= 0xd800 && y <= 0xdfff;
    if (wideX !== wideY) return wideX ? (y >= 0xe000 ? 1 : x - y) : x >= 0xe000 ? -1 : x - y;
    return x - y;
  }
  return a.length - b.length;
}

/** How many bytes `text` takes in UTF-8. */
export function utf8Length(text: string): number {
  const length = text.length;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) >= 128) return Buffer.byteLength(text);
  return length;
}

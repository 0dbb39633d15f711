/**
 * Replacing characters in texts of any length. The engine gathers the pieces of a whole replacement in one list and
 * ends the process when that list becomes too long, so long texts are worked on in parts.
 */
import { ELEMENT_BYTES, requireHeap } from './heap-guard.js';

const PART = 64 * 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function inParts(text: string, change: (part: string) => string): string {
  requireHeap(text.length * ELEMENT_BYTES);
  let changed = '';
  for (let at = 0; at < text.length; at += PART) changed += change(text.slice(at, at + PART));
  return changed;
}

/** `text.replace(pattern, replacement)`; REQUIRES a global pattern whose matches may be cut anywhere. Throws 53200. */
export function replaceCharacters(text: string, pattern: RegExp, replacement: (match: string) => string): string {
  if (text.length <= PART) return text.replace(pattern, replacement);
  return inParts(text, (part) => part.replace(pattern, replacement));
}

/** Marks double quotes and backslashes, by doubling them or with a backslash before. Throws 53200. */
export function escapeQuotes(text: string, how: 'doubled' | 'backslash'): string {
  if (text.length <= PART) return text.replace(/["\\]/g, how === 'doubled' ? '$&$&' : '\\$&');
  return inParts(text, (part) => escapePart(part, how === 'doubled'));
}

/** Nested values double their quotes with each level: unit by unit this is far quicker than by pattern. */
function escapePart(part: string, doubled: boolean): string {
  const units = new Uint16Array(2 * part.length);
  let length = 0;
  for (let i = 0; i < part.length; i++) {
    const unit = part.charCodeAt(i);
    if (unit === QUOTE || unit === BACKSLASH) units[length++] = doubled ? unit : BACKSLASH;
    units[length++] = unit;
  }
  return Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
}

/** Every occurrence of `from` replaced by `to`, from the left. Nothing is replaced when `from` is empty. */
export function replaceTexts(text: string, from: string, to: string): string {
  if (from === '') return text;
  if (text.length <= PART) return text.split(from).join(to);
  let changed = '';
  // A match may begin in one part and end in the next.
  const reach = PART + from.length - 1;
  for (let at = 0; at < text.length; ) {
    const part = text.slice(at, at + reach);
    const last = part.lastIndexOf(from);
    const isEnd = at + reach >= text.length;
    if (isEnd || last < 0) {
      changed += isEnd ? part.split(from).join(to) : part.slice(0, PART);
      at += isEnd ? part.length : PART;
      continue;
    }
    const pieces = part.split(from);
    const rest = pieces[pieces.length - 1].length;
    pieces[pieces.length - 1] = '';
    changed += pieces.join(to);
    at += part.length - rest;
  }
  return changed;
}

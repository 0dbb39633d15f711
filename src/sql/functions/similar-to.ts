/** SIMILAR TO patterns as AREs. */
import { sqlError } from '../../errors/sql-error.js';

const SPECIAL = new Set(['\\', '.', '^', '$']);

/**
 * The pattern behind `^(?: … )$`; `_` and `%` are any character and any string. In the pattern of SUBSTRING, the escape
 * character and `"` stand twice, around the part that is wanted. An empty `mark` means that nothing escapes.
 */
export function similarToRegex(pattern: string, mark: string): string {
  const marks = [...mark];
  if (marks.length > 1) {
    throw sqlError('invalid_escape_sequence', 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    });
  }
  const [escapeMark] = marks;
  let result = '^(?:';
  let quotes = 0;
  let escaped = false;
  let inClass = 0;
  for (const character of pattern) {
    if (escaped) {
      escaped = false;
      if (character === '"' && inClass === 0) {
        if (quotes >= 2) {
          throw sqlError(
            'invalid_use_of_escape_character',
            'SQL regular expression may not contain more than two escape-double-quote separators',
          );
        }
        result += quotes === 0 ? '){1,1}?(' : '){1,1}(?:';
        quotes++;
      } else {
        result += `\\${character}`;
      }
    } else if (character === escapeMark) {
      escaped = true;
    } else if (inClass > 0) {
      if (character === '\\') result += '\\';
      result += character;
      // A bracket first in the class, with or without ^, does not close it.
      if (character === ']' && inClass > 2) inClass = 0;
      else if (character !== '^' || inClass > 1) inClass = 3;
      else inClass = 2;
    } else if (character === '[') {
      result += character;
      inClass = 1;
    } else if (character === '%') {
      result += '.*';
    } else if (character === '_') {
      result += '.';
    } else if (character === '(') {
      result += '(?:';
    } else {
      result += SPECIAL.has(character) ? `\\${character}` : character;
    }
  }
  return `${result})$`;
}

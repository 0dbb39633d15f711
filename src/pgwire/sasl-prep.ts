/**
 * SASLprep (RFC 4013) as far as passwords need it. A password that SASLprep forbids is used as it is, which is
 * also what PostgreSQL and its clients do.
 */

const PLAIN = /^[\x20-\x7e]*$/;
const MAPPED_TO_SPACE = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;
const MAPPED_TO_NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/g;
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cs}\p{Cn}]|[\u0340\u0341]|[\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u2060-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\uffff]/u;
const RIGHT_TO_LEFT =
  /[\u05be\u05c0\u05c3\u05d0-\u05f4\u061b-\u06d5\u06e5\u06e6\u06fa-\u0710\u0712-\u072c\u0780-\u07b1\ufb1d-\ufdfc\ufe70-\ufefc]/;
const LETTER = /[\p{Lu}\p{Ll}\p{Lt}\p{Lm}\p{Lo}]/u;

/** The password in the form that is hashed. */
export function saslPrep(password: string): string {
  if (PLAIN.test(password)) return password;
  const prepared = password.replace(MAPPED_TO_SPACE, ' ').replace(MAPPED_TO_NOTHING, '').normalize('NFKC');
  if (prepared === '' || PROHIBITED.test(prepared) || !hasValidDirection(prepared)) return password;
  return prepared;
}

/** Text with right-to-left characters must begin and end with one, and hold no letters of the other direction. */
function hasValidDirection(text: string): boolean {
  if (!RIGHT_TO_LEFT.test(text)) return true;
  const characters = Array.from(text);
  if (!RIGHT_TO_LEFT.test(characters[0]) || !RIGHT_TO_LEFT.test(characters[characters.length - 1])) return false;
  return !characters.some((character) => LETTER.test(character) && !RIGHT_TO_LEFT.test(character));
}

/** Casts among text, varchar, bpchar, name and "char", and the length coercions of varchar(n) and char(n). */
import {
  applyBpcharLength,
  applyVarcharLength,
  charOfText,
  textOfChar,
  trimBlanks,
  truncateName,
} from '../../types/text/character-codecs.js';
import { type FunctionFamily, plainFunctions } from './registry.js';

const same = (value: string): string => value;

export const characterCasts: FunctionFamily = plainFunctions({
  varchar: (value: string, typmod: number, explicit: boolean) => applyVarcharLength(value, typmod, explicit),
  bpchar: (value: string, typmod: number, explicit: boolean) => applyBpcharLength(value, typmod, explicit),
  name_text: same,
  name_bpchar: same,
  text_name: truncateName,
  bpchar_name: (value: string) => trimBlanks(truncateName(value)),
  char_text: textOfChar,
  char_bpchar: textOfChar,
  text_char: charOfText,
});

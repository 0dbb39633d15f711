/** The stored forms of all classes of values. A new one is one line here and a tag in types/stored-form.ts. */
import { bitStoredForm } from '../types/bits/bit-codecs.js';
import { datetimeStoredForms } from '../types/datetime/datetime-codecs.js';
import { jsonbStoredForms } from '../types/json/jsonb-codec.js';
import { inetStoredForm } from '../types/network/network-codecs.js';
import { numericStoredForm } from '../types/numeric/numeric-codec.js';
import { rangeStoredForms } from '../types/range/range.js';
import type { StoredForm } from '../types/stored-form.js';

export const storedForms: readonly StoredForm[] = [
  numericStoredForm,
  bitStoredForm,
  inetStoredForm,
  ...jsonbStoredForms,
  ...rangeStoredForms,
  ...datetimeStoredForms,
];

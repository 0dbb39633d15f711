/**
 * Orders of texts other than that of code points: collations of provider icu, through Intl. Deterministic ones only: texts
 * that a locale takes for equal are told apart by their code points, so equality, hashing and keys of indexes stay those of
 * the bytes.
 */
import { notSupported, sqlError } from '../../errors/sql-error.js';
import { compareCodePoints } from '../json/code-point-order.js';

/** What the catalog says of a collation. */
export interface CollationFacts {
  readonly name: string;
  /** d: the database's, c: libc (of which C and POSIX are known), i: ICU. */
  readonly provider: string;
  /** The ICU locale, a BCP 47 tag; null for other providers. */
  readonly locale: string | null;
}

export interface Collator {
  compare(a: string, b: string): number;
  upper(text: string): string;
  lower(text: string): string;
  /** The first letter of each word in upper case, the others in lower case. */
  initcap(text: string): string;
}

/** Collations that order by code points, by OID: none, default, C, POSIX, ucs_basic, C.utf8. */
const BYTEWISE = new Set([0, 100, 950, 951, 12340, 12341]);

/** Whether a built-in collation is known to order by code points, without a look at the catalog. */
export function isBytewise(collation: number): boolean {
  return BYTEWISE.has(collation);
}

const collators = new Map<string, Collator>();

/** The order of a collation; null for that of the code points. @throws SqlError 0A000, 22023 for locales that Intl lacks */
export function collatorOf(facts: CollationFacts | undefined): Collator | null {
  if (facts?.provider !== 'i') return null;
  const locale = facts.locale ?? 'und';
  const known = collators.get(locale);
  if (known !== undefined) return known;
  const made = makeCollator(locale);
  collators.set(locale, made);
  return made;
}

const SENSITIVITIES: ReadonlyMap<string, Intl.CollatorOptions['sensitivity']> = new Map([
  ['level1', 'base'],
  ['level2', 'accent'],
  ['level3', 'variant'],
  ['level4', 'variant'],
  ['identic', 'variant'],
]);

/** Settings of a tag that Intl takes as options instead. */
function optionsOf(locale: string): Intl.CollatorOptions {
  const options: Intl.CollatorOptions = { sensitivity: 'variant' };
  const [, extension = ''] = locale.toLowerCase().split('-u-');
  for (const [, key, value = 'true'] of extension.matchAll(/\b([a-z][a-z0-9])(?:-([a-z0-9]{3,8}))?/g)) {
    if (key === 'ks') options.sensitivity = SENSITIVITIES.get(value);
    else if (key === 'ka') options.ignorePunctuation = value === 'shifted';
    else if (!['co', 'kn', 'kf', 'va'].includes(key) && value !== 'false')
      throw notSupported(`collation attribute "${key}" of locale "${locale}"`);
  }
  return options;
}

/** Intl has no root locale and forgets the tag's settings with it; English orders as the root does. */
function rooted(locale: string): string {
  return locale.replace(/^und\b|^root\b/, 'en') || 'en';
}

function makeCollator(locale: string): Collator {
  let intl: Intl.Collator;
  try {
    intl = new Intl.Collator(rooted(locale), optionsOf(locale));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw sqlError(
      'invalid_parameter_value',
      `could not open collator for locale "${locale}": U_ILLEGAL_ARGUMENT_ERROR`,
    );
  }
  const lower = (text: string): string => text.toLocaleLowerCase(locale);
  return {
    compare: (a, b) => intl.compare(a, b) || compareCodePoints(a, b),
    upper: (text) => text.toLocaleUpperCase(locale),
    lower,
    initcap: (text) =>
      lower(text).replace(/[\p{L}\p{M}\p{N}]+/gu, (word) => {
        const [first] = word;
        return first.toLocaleUpperCase(locale) + word.slice(first.length);
      }),
  };
}

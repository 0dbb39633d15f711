/** Regular expressions of `like_regex`. The common part of XQuery's and JavaScript's syntax is taken as it is. */
import { SqlError } from '../../errors/sql-error.js';

/** An error of a path that neither `silent` nor a predicate suppresses. */
export class FatalPathError extends SqlError {}

const cache = new Map<string, RegExp>();
const CACHE_SIZE = 100;

/** `flags`: of i (ignore case), s (dot matches newlines), m (anchors match at lines), q (no special characters). */
export function compilePathRegex(pattern: string, flags: string): RegExp {
  const key = `${flags}/${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const literal = flags.includes('q');
  const source = literal ? pattern.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&') : pattern;
  let regex: RegExp;
  try {
    const kept = literal ? flags.replace(/[^i]/g, '') : flags.replace(/[^ism]/g, '');
    regex = new RegExp(source, literal ? kept : `${kept}u`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FatalPathError('invalid_regular_expression', `invalid regular expression: ${reason}`);
  }
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(key, regex);
  return regex;
}

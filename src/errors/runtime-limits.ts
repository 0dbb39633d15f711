/**
 * Limits of the JavaScript engine that a statement can run into (stack, length of strings, arrays, tables), as the
 * errors that PostgreSQL gives for its own. The engine marks them with nothing but their message; which message means
 * what is learnt here by provoking each of them once where that is cheap.
 */
import { type SqlError, sqlError } from './sql-error.js';

/** 54001, as PostgreSQL words it. */
export function stackDepthExceeded(): SqlError {
  return sqlError('statement_too_complex', 'stack depth limit exceeded', {
    hint: 'Increase the configuration parameter "max_stack_depth" (currently 2048kB), after ensuring the platform\'s stack depth limit is adequate.',
  });
}

/** 54000: a single value or list that is longer than the engine can hold. */
function valueTooLarge(): SqlError {
  return sqlError('program_limit_exceeded', 'out of memory', {
    detail: 'A single value is larger than the server can hold.',
  });
}

/** 53200: more distinct keys than a hash table of the engine takes. */
function tableFull(): SqlError {
  return sqlError('out_of_memory', 'out of memory', {
    detail: 'A hash table has more entries than the server can hold.',
  });
}

/** The SqlError for an engine limit that `error` tells of; null for anything else. */
export function runtimeLimit(error: unknown): SqlError | null {
  if (error instanceof RangeError) return LIMITS.get(error.message)?.() ?? null;
  return error instanceof Error && 'code' in error && error.code === 'ERR_STRING_TOO_LONG' ? valueTooLarge() : null;
}

const recurse = (depth: number): number => recurse(depth + 1) + 1;

const PROVOCATIONS: readonly [provoke: () => unknown, meaning: () => SqlError][] = [
  [() => recurse(0), stackDepthExceeded],
  [() => 'x'.repeat(2 ** 30), valueTooLarge],
  [() => Reflect.construct(Array, [-1]), valueTooLarge],
  [() => 1n << (1n << 40n), valueTooLarge],
];

/** Tables of more than 2^24 keys: too costly to provoke. */
const FULL_TABLES = ['Map maximum size exceeded', 'Set maximum size exceeded'];

const LIMITS: ReadonlyMap<string, () => SqlError> = new Map([
  ...PROVOCATIONS.map(([provoke, meaning]): [string, () => SqlError] => [messageOf(provoke), meaning]),
  ...FULL_TABLES.map((message): [string, () => SqlError] => [message, tableFull]),
]);

function messageOf(provoke: () => unknown): string {
  try {
    return String(provoke());
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

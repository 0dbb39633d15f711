/**
 * Faults of the file system that are no damage and may pass: no space for a file, or no descriptor to open it with.
 * Whoever meets one in the background waits and says what it waits for, so that nobody begins what would have to be written.
 */
import { type SqlError, sqlError } from '../errors/sql-error.js';

export interface Shortage {
  readonly of: 'space' | 'descriptors';
  /** What cannot be written, or opened. */
  readonly file: string;
}

/** EFBIG is a limit of the process (`ulimit -f`), which can be raised while it runs. */
const SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** What there is too little of, when that is what an error of the system says; null for other errors. */
export function shortageOf(error: unknown): Shortage['of'] | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EMFILE' || code === 'ENFILE') return 'descriptors';
  return typeof code === 'string' && SPACE.has(code) ? 'space' : null;
}

export function shortageError({ of, file }: Shortage): SqlError {
  return of === 'space'
    ? sqlError('disk_full', `could not write to file "${file}": No space left on device`)
    : sqlError('insufficient_resources', `could not open file "${file}": Too many open files`);
}

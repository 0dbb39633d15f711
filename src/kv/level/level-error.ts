/** What LevelDB and the file system say about a failure, as a KvError. */
import { KvError, type KvErrorKind } from '../kv-error.js';

const KINDS: Readonly<Record<string, KvErrorKind>> = {
  LEVEL_LOCKED: 'locked',
  LEVEL_CORRUPTION: 'corrupt',
  LEVEL_IO_ERROR: 'io',
  LEVEL_DATABASE_NOT_OPEN: 'closed',
  LEVEL_ITERATOR_NOT_OPEN: 'closed',
  EACCES: 'unwritable',
  EPERM: 'unwritable',
  EROFS: 'unwritable',
  ENOTDIR: 'unwritable',
  EEXIST: 'unwritable',
};

const WHAT: Readonly<Record<KvErrorKind, string>> = {
  unwritable: 'the directory cannot be used',
  locked: 'another process has the store open',
  corrupt: 'the store is damaged',
  closed: 'the store is closed',
  full: 'no space is left for the store',
  crowded: 'too many files are open',
  io: 'reading or writing the store failed',
};

/** LevelDB itself has one code for every fault of the file system and one without a code, and tells more only in words. */
function kindOf(code: string, text: string): KvErrorKind {
  const kind = KINDS[code];
  if (kind === undefined || kind === 'io') {
    if (/^ENOSPC|no space left on device|disk quota exceeded|file too large/i.test(text)) return 'full';
    if (/^E[MN]FILE|too many open files/i.test(text)) return 'crowded';
    if (/permission denied|read-only file system|not a directory/i.test(text)) return 'unwritable';
    if (/^(invalid argument|io error).*(CURRENT|MANIFEST|missing files|comparator|checksum)/i.test(text))
      return 'corrupt';
  }
  return kind ?? 'io';
}

/** A failed open of classic-level has LevelDB's own error as its cause. */
export function kvError(error: unknown, directory: string): KvError {
  if (error instanceof KvError) return error;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const kind = kindOf(code, text);
  return new KvError(kind, `${WHAT[kind]}: ${text} (in ${directory})`, { cause });
}

/** Why a key-value store could not be opened or read. */

/** `crowded`: the process, or the system, has too many files open. */
export type KvErrorKind = 'unwritable' | 'locked' | 'corrupt' | 'closed' | 'full' | 'crowded' | 'io';

export class KvError extends Error {
  override readonly name = 'KvError';

  constructor(
    readonly kind: KvErrorKind,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

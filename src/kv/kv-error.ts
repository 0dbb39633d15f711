/** Why a key-value store could not be opened or read. */

export type KvErrorKind = 'unwritable' | 'locked' | 'corrupt' | 'closed' | 'full' | 'io';

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

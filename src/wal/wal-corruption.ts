/** A log that is damaged where it was known to be on disk. */
export class WalCorruption extends Error {
  override readonly name = 'WalCorruption';

  constructor(
    readonly file: string,
    readonly offset: number,
    what: string,
  ) {
    super(`the write-ahead log is damaged: ${file} at offset ${offset}: ${what}. Restore the database from a backup.`);
  }
}

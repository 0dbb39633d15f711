/** The settings that every transaction asks for, in the form in which they are used. */

export interface FrequentSettings {
  /** The isolation level by its name in SQL. */
  readonly isolation: string;
  readonly readOnly: boolean;
  readonly deferrable: boolean;
  /** Whether COMMIT waits for the disk. */
  readonly synchronousCommit: boolean;
  /** Backslashes escape in plain strings (standard_conforming_strings = off). */
  readonly backslashesEscape: boolean;
  /** track_functions: none, pl or all. */
  readonly trackedFunctions: string;
}

export function readFrequentSettings(settings: { get(name: string): string | undefined }): FrequentSettings {
  return {
    isolation: settings.get('default_transaction_isolation') ?? 'read committed',
    readOnly: settings.get('default_transaction_read_only') === 'on',
    deferrable: settings.get('default_transaction_deferrable') === 'on',
    synchronousCommit: settings.get('synchronous_commit') !== 'off',
    backslashesEscape: settings.get('standard_conforming_strings') === 'off',
    trackedFunctions: settings.get('track_functions') ?? 'none',
  };
}

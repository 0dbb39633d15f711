/** What the server around the databases can do for sessions, and tells them: reloading, and the rules of who may connect. */

/** A rule as pg_hba_file_rules shows it. */
export interface ShownRule {
  readonly number: number;
  readonly type: string;
  readonly databases: readonly string[];
  readonly users: readonly string[];
  readonly address: string | null;
  readonly netmask: string | null;
  readonly method: string;
  /** Null: there are none. */
  readonly options: readonly string[] | null;
}

/** An entry as pg_ident_file_mappings shows it. */
export interface ShownMapping {
  readonly number: number;
  readonly map: string;
  readonly systemUser: string;
  readonly databaseUser: string;
}

export interface ServerControl {
  /** Reads the settings again; what is wrong with them is logged, and leaves those that were there in force. */
  reload(): void;
  readonly rules: readonly ShownRule[];
  readonly mappings: readonly ShownMapping[];
}

/** Of a cluster without a server around it, as tests open them. */
export const NO_SERVER: ServerControl = { reload: () => {}, rules: [], mappings: [] };

/**
 * What the runner knows of a client: a name, a folder with its program and the output that PostgreSQL 15 gave it, and how to
 * get what the program needs. Programs find the server in PGHOST, PGPORT, PGUSER and PGDATABASE; they print `version: …` first,
 * then for each part a line `== part` and what the server answered.
 */
import type { Sandbox } from './sandbox.js';

export interface Program {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Client {
  /** As in the table of docs/compatibility.md. */
  readonly name: string;
  /** Below test/clients/external/programs. */
  readonly folder: string;
  /** Brings what the program needs into the sandbox. @throws Unavailable when this machine cannot have it */
  readonly prepare: (sandbox: Sandbox, folder: string) => Promise<Program>;
}

/** The client cannot be had here; the message says why. */
export class Unavailable extends Error {}

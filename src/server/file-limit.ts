/** How many files the process may have open, and who gets how many. */
import { readFileSync } from 'node:fs';

/** Modules that are loaded at the same time, and everything else that a start needs. */
export const FEWEST_FILES = 256;
/** The log, listeners, the fewest temporary files, and what the runtime itself needs. */
const OTHERS = 70;
const FEWEST_TEMPORARY = 16;
const MOST_TEMPORARY = 128;
/** LevelDB takes no fewer. */
const FEWEST_TABLES = 74;
const MOST_TABLES = 1000;
/** Sockets beyond those of `max_connections`: for clients that are told that there are too many, and cancel requests. */
const SPARE_SOCKETS = 20;

/** The limit of this process; null where the system does not tell. */
export function openFileLimit(): number | null {
  let text: string;
  try {
    text = readFileSync('/proc/self/limits', 'latin1');
  } catch {
    // Not Linux.
    return null;
  }
  const limit = /^Max open files\s+(\d+)/m.exec(text)?.[1];
  return limit === undefined ? null : Number(limit);
}

export interface FilePlan {
  /** Table files that LevelDB keeps open. */
  readonly tables: number;
  /** Temporary files that transactions do not have to share. */
  readonly temporary: number;
  /** At most `max_connections`. */
  readonly connections: number;
  /** Sockets at a time, those that are being turned away included. */
  readonly sockets: number;
}

/** Shares the files out: connections first, for table files can be opened again. */
export function planFiles(limit: number | null, maxConnections: number): FilePlan {
  const wanted = maxConnections * 2 + 100;
  if (limit === null)
    return { tables: MOST_TABLES, temporary: MOST_TEMPORARY, connections: maxConnections, sockets: wanted };
  const sockets = Math.min(wanted, Math.max(limit - OTHERS - FEWEST_TABLES, 2 * SPARE_SOCKETS));
  const tables = Math.min(MOST_TABLES, Math.max(limit - OTHERS - sockets, FEWEST_TABLES));
  const left = Math.max(limit - OTHERS - sockets - tables, 0);
  const temporary = Math.min(MOST_TEMPORARY, FEWEST_TEMPORARY + left);
  return { tables, temporary, connections: Math.min(maxConnections, sockets - SPARE_SOCKETS), sockets };
}

/** How many files the process may have open, and who gets how many. */
import { readFileSync } from 'node:fs';

/** Modules that are loaded at the same time, and everything else that a start needs. */
export const FEWEST_FILES = 256;
/** The log, listeners, temporary files, and what the runtime itself needs. */
const OTHERS = 70;
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
  /** At most `max_connections`. */
  readonly connections: number;
  /** Sockets at a time, those that are being turned away included. */
  readonly sockets: number;
}

/** Shares the files out: connections first, for table files can be opened again. */
export function planFiles(limit: number | null, maxConnections: number): FilePlan {
  const wanted = maxConnections * 2 + 100;
  if (limit === null) return { tables: MOST_TABLES, connections: maxConnections, sockets: wanted };
  const sockets = Math.min(wanted, Math.max(limit - OTHERS - FEWEST_TABLES, 2 * SPARE_SOCKETS));
  const tables = Math.min(MOST_TABLES, Math.max(limit - OTHERS - sockets, FEWEST_TABLES));
  return { tables, connections: Math.min(maxConnections, sockets - SPARE_SOCKETS), sockets };
}

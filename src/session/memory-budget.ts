/**
 * How much memory statements may hold: a budget for the server, sized from the heap that the runtime may use, and one
 * for each session's statements (query_memory_limit). Operators report estimates, so what a statement may hold is
 * kept well below what the process can bear: it ends with 53200 where the process would end otherwise.
 */
import { getHeapStatistics } from 'node:v8';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import type { MemoryBudget } from '../exec/exec-context.js';

/** Parts of the heap that all statements together, and one session by default, may hold. */
const SERVER_SHARE = 0.6;
const QUERY_SHARE = 0.3;
const KIB = 1024;

/** The budget of all sessions of a server. */
export class ServerMemory {
  readonly limit: number;
  /** Bytes that are held now. */
  used = 0;

  constructor(heapLimit: number = getHeapStatistics().heap_size_limit) {
    this.limit = Math.floor(heapLimit * SERVER_SHARE);
  }

  /** What query_memory_limit is when nothing sets it: kB. */
  static defaultQueryLimit(heapLimit: number = getHeapStatistics().heap_size_limit): number {
    return Math.floor((heapLimit * QUERY_SHARE) / KIB);
  }
}

/** The budget of one session's statements. */
export class QueryMemory implements MemoryBudget {
  /** Bytes that are held now. */
  used = 0;

  constructor(
    private readonly server: ServerMemory,
    /** query_memory_limit: kB. */
    private readonly limit: () => number,
  ) {}

  reserve(bytes: number): void {
    if (bytes > 0) {
      if (this.used + bytes > this.limit() * KIB) throw outOfMemory(bytes, 'ExecutorState');
      if (this.server.used + bytes > this.server.limit) throw outOfMemory(bytes, 'TopMemoryContext');
    }
    this.used += bytes;
    this.server.used += bytes;
  }
}

function outOfMemory(bytes: number, context: string): SqlError {
  return sqlError('out_of_memory', 'out of memory', {
    detail: `Failed on request of size ${bytes} in memory context "${context}".`,
  });
}

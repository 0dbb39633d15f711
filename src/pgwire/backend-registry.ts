/**
 * All backends of the server by process number, with the secrets that CancelRequest has to know.
 */
import { randomBytes } from 'node:crypto';
import type { SqlError } from '../errors/sql-error.js';
import type { WaitEvent } from '../util/task.js';

/** What others may do to a backend. */
export interface Backend {
  cancel(): void;
  stop(reason: SqlError): void;
  /** What its statement waits for, if it waits. */
  readonly waitEvent: WaitEvent | null;
}

export interface BackendKey {
  readonly pid: number;
  /** 32 random bits, as a signed integer. */
  readonly secret: number;
}

const MAX_PID = 0x7fffffff;

export class BackendRegistry {
  private readonly backends = new Map<number, { secret: number; backend: Backend }>();
  private lastPid = 0;

  /** Backends that hold a connection slot. */
  get size(): number {
    return this.backends.size;
  }

  add(backend: Backend): BackendKey {
    do this.lastPid = this.lastPid === MAX_PID ? 1 : this.lastPid + 1;
    while (this.backends.has(this.lastPid));
    const secret = randomBytes(4).readInt32BE(0);
    this.backends.set(this.lastPid, { secret, backend });
    return { pid: this.lastPid, secret };
  }

  remove(pid: number): void {
    this.backends.delete(pid);
  }

  /** What the backend's statement waits for, if it waits. */
  waitEvent(pid: number): WaitEvent | null {
    return this.backends.get(pid)?.backend.waitEvent ?? null;
  }

  /** CancelRequest: a wrong key is ignored. Returns whether the key was right. */
  cancelWithKey(pid: number, secret: number): boolean {
    const entry = this.backends.get(pid);
    if (entry === undefined || entry.secret !== secret) return false;
    entry.backend.cancel();
    return true;
  }

  /** Ends the backend's statement: false when there is no such backend. */
  cancel(pid: number): boolean {
    const entry = this.backends.get(pid);
    entry?.backend.cancel();
    return entry !== undefined;
  }

  /** Ends the backend's connection: false when there is no such backend. */
  stop(pid: number, reason: SqlError): boolean {
    const entry = this.backends.get(pid);
    entry?.backend.stop(reason);
    return entry !== undefined;
  }
}

/**
 * Worker threads for work that cannot be cut into slices. They are started when they are first needed and end when
 * they have been idle for a while; each does one job at a time, and further jobs wait for their turn. A job that is given
 * up takes its thread with it, whatever the thread is doing. Threads are of lower priority than the one that serves clients.
 */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { type TransferListItem, Worker } from 'node:worker_threads';
import { Signal, type Task } from './task.js';

/** How long a thread without work is kept: milliseconds. */
const IDLE_MS = 10_000;
/** As a nice value: a worker gets a third of the time that the main thread gets when both want the processor. */
const NICENESS = 5;
/** Part of the main thread's heap that a worker may take. */
const HEAP_SHARE = 0.5;
const MIB = 1024 * 1024;

/** The thread has ended in the middle of its job: mostly because its memory did not suffice. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';
}

export class WorkerPool {
  private readonly idle: PooledWorker[] = [];
  private readonly waiting: Signal[] = [];
  private started = 0;

  /** `entry`: the module that the threads run; it answers each message with one of its own. `stack`: of a thread, in MiB. */
  constructor(
    private readonly entry: URL,
    private readonly stack: number,
    private readonly maxThreads: number,
  ) {}

  /** Threads that are there now. */
  get size(): number {
    return this.started;
  }

  /** Waits for a thread. The caller must `release` it, or `abandon` it when it is still at work. */
  *lease(): Task<PooledWorker> {
    for (;;) {
      const free = this.idle.pop();
      if (free !== undefined) {
        free.begin();
        return free;
      }
      if (this.started < this.maxThreads) {
        this.started++;
        return new PooledWorker(this.entry, this.stack, {
          released: (worker) => this.idle.push(worker),
          ended: (worker) => this.ended(worker),
          wake: () => this.waiting.shift()?.fire(),
        });
      }
      yield* this.turn();
    }
  }

  /** One question, one answer. What is in `transfer` changes hands instead of being copied. @throws WorkerLost */
  *run(question: unknown, transfer: readonly TransferListItem[] = []): Task<unknown> {
    const worker = yield* this.lease();
    try {
      return yield* worker.ask(question, transfer);
    } finally {
      worker.release();
    }
  }

  private *turn(): Task<void> {
    const signal = new Signal();
    this.waiting.push(signal);
    let woken = false;
    try {
      yield signal;
      woken = true;
    } finally {
      if (!woken) this.giveUpTurn(signal);
    }
  }

  /** Whoever was woken and does not come any more lets the next one have the thread. */
  private giveUpTurn(signal: Signal): void {
    const at = this.waiting.indexOf(signal);
    if (at >= 0) this.waiting.splice(at, 1);
    else this.waiting.shift()?.fire();
  }

  private ended(worker: PooledWorker): void {
    this.started--;
    const at = this.idle.indexOf(worker);
    if (at >= 0) this.idle.splice(at, 1);
  }
}

interface PoolEvents {
  released(worker: PooledWorker): void;
  ended(worker: PooledWorker): void;
  wake(): void;
}

/** A thread that somebody has leased. */
export class PooledWorker {
  private readonly worker: Worker;
  private answered: Signal | null = null;
  private answer: { readonly value: unknown } | null = null;
  private failure: unknown = null;
  private alive = true;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    entry: URL,
    stack: number,
    private readonly events: PoolEvents,
  ) {
    this.worker = new Worker(entry, {
      resourceLimits: {
        stackSizeMb: stack,
        maxOldGenerationSizeMb: Math.ceil((getHeapStatistics().heap_size_limit * HEAP_SHARE) / MIB),
      },
    });
    this.worker.on('message', (value) => {
      this.answer = { value };
      this.answered?.fire();
    });
    this.worker.on('error', (error) => this.lost(error));
    this.worker.on('exit', () => this.lost(null));
  }

  /** Sends the question and waits for the answer; see `run`. @throws WorkerLost */
  *ask(question: unknown, transfer: readonly TransferListItem[] = []): Task<unknown> {
    const signal = new Signal();
    this.answer = null;
    this.answered = signal;
    if (this.alive) {
      this.worker.postMessage(question, transfer);
      try {
        yield signal;
      } finally {
        this.answered = null;
        // Given up: nobody will wait for the answer, so the thread is of no use.
        if (this.answer === null) this.end();
      }
    }
    return this.takeAnswer();
  }

  private takeAnswer(): unknown {
    const { answer } = this;
    if (answer === null) throw new WorkerLost('a worker thread has ended', { cause: this.failure });
    this.answer = null;
    return answer.value;
  }

  begin(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.worker.ref();
  }

  /** The job is done. */
  release(): void {
    if (!this.alive) return;
    this.worker.unref();
    this.timer = setTimeout(() => this.end(), IDLE_MS);
    this.timer.unref();
    this.events.released(this);
    this.events.wake();
  }

  /** Ends the thread with whatever it is doing. */
  end(): void {
    if (!this.alive) return;
    this.alive = false;
    this.events.ended(this);
    this.events.wake();
    void this.worker.terminate();
  }

  private lost(error: unknown): void {
    this.failure ??= error;
    this.end();
    this.answered?.fire();
  }
}

/** For the module that a thread runs: has it give precedence to the thread that serves clients, where that is possible. */
export function lowerThreadPriority(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').pop());
    setPriority(thread, NICENESS);
  } catch {
    // Not Linux, or not allowed: the thread competes on equal terms.
  }
}

/**
 * Suspendable work. Everything that may have to wait (a cache miss, a lock, a commit, a slow client) is a
 * generator that yields a `Wait` and is resumed once that wait is over. Code that never waits runs to its end
 * in one synchronous go: no promise, no closure and no trip through the event loop.
 */
import { afterInput } from './turn-end.js';

/** What pg_stat_activity calls a wait (PostgreSQL documentation, 28.2.3). */
export interface WaitEvent {
  readonly type: 'Lock' | 'IO' | 'Client' | 'Timeout' | 'IPC';
  readonly name: string;
}

/** Something that a task waits for. `subscribe` calls `resume` exactly once, when the wait is over (possibly at once). */
export interface Wait {
  subscribe(resume: () => void): void;
  /** Gives the wait up (statement cancelled). `resume` is not called afterwards. The task is then closed with `throw`. */
  cancel?(): void;
  /** It is over as soon as it is subscribed to, which does what is waited for. */
  readonly isWork?: boolean;
  /** Ends a wait that is for nothing but a turn, for those who cannot give one. */
  atOnce?(): void;
  /** Absent where the task only lets others run. */
  readonly event?: WaitEvent | undefined;
}

/** A computation that yields waits and returns a `T`. Errors are thrown. Delegate with `yield*`. */
export type Task<T> = Generator<Wait, T, void>;

/** A wait that other code ends by calling `fire`; firing twice is harmless. */
export class Signal implements Wait {
  private fired = false;
  private resume: (() => void) | null = null;

  constructor(readonly event?: WaitEvent) {}

  subscribe(resume: () => void): void {
    if (this.fired) resume();
    else this.resume = resume;
  }

  fire(): void {
    if (this.fired) return;
    this.fired = true;
    const resume = this.resume;
    this.resume = null;
    if (resume !== null) resume();
  }

  cancel(): void {
    this.resume = null;
  }
}

/** Gives the event loop back once, so that other connections are served in between. */
export const GIVE_WAY: Wait = {
  subscribe(resume) {
    afterInput(resume);
  },
};

/** Gives the event loop back once. A cancellation that arrives meanwhile is dropped: what goes on cannot be given up. */
export function* giveWayForSure(): Task<void> {
  try {
    yield GIVE_WAY;
  } catch {
    // Too late: the caller has passed the point of no return.
  }
}

/** Longest stretch of work before others have their turn: milliseconds. */
const SLICE_MS = 2;

/**
 * Does work that goes on by `advance` (true at its end, after at most about a tenth of a millisecond) in slices.
 * `forSure`: it cannot be given up, and cancellations are dropped.
 */
export function* inSlices(advance: () => boolean, forSure = false): Task<void> {
  let end = performance.now() + SLICE_MS;
  while (!advance()) {
    if (performance.now() < end) continue;
    if (forSure) yield* giveWayForSure();
    else yield GIVE_WAY;
    end = performance.now() + SLICE_MS;
  }
}

/** Elements that are worked on between two looks at the clock. */
const PART = 512;

/** Does work on the numbers from 0 to `count` - 1, part by part in slices, until `work` says false; whether it never did. */
export function* eachPart(count: number, work: (from: number, to: number) => boolean): Task<boolean> {
  let at = 0;
  let going = true;
  yield* inSlices(() => {
    const to = Math.min(count, at + PART);
    if (at < to) going = work(at, to);
    at = to;
    return !going || at >= count;
  });
  return going;
}

/** Tells when a stretch of work has lasted long enough. To be asked about every tenth of a millisecond. */
export class Slice {
  private end = performance.now() + SLICE_MS;

  get isOver(): boolean {
    return performance.now() > this.end;
  }

  /** Lets others run, and begins anew. Cancellations are dropped: what goes on cannot be given up. */
  *next(): Task<void> {
    yield* giveWayForSure();
    this.end = performance.now() + SLICE_MS;
  }
}

/** Says when others are to have their turn. To be asked about every tenth of a millisecond. */
export interface Pace {
  overdue(): boolean;
  /** To be yielded when it is overdue. */
  giveWay(): Wait;
}

/** By the clock, for work that no statement's context paces. */
export class SlicePace implements Pace {
  private end = performance.now() + SLICE_MS;

  overdue(): boolean {
    return performance.now() > this.end;
  }

  giveWay(): Wait {
    return {
      subscribe: (resume) => {
        afterInput(() => {
          this.end = performance.now() + SLICE_MS;
          resume();
        });
      },
    };
  }
}

/** Gives the event loop back once, for code that is no task. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => afterInput(resolve, true));
}

/** Waits for a promise inside a task; a rejection is thrown at the `yield*`. */
export function* awaitPromise<T>(promise: Promise<T>): Task<T> {
  let value: { result: T } | undefined;
  let failure: { error: unknown } | undefined;
  const signal = new Signal();
  promise.then(
    (result) => {
      value = { result };
      signal.fire();
    },
    (error: unknown) => {
      failure = { error };
      signal.fire();
    },
  );
  yield signal;
  if (failure !== undefined) throw failure.error;
  if (value === undefined) throw new Error('task resumed before its promise settled');
  return value.result;
}

/** Runs a task to its end, as a promise. For tests, tools and start-up; connections drive their tasks themselves. */
export function runTask<T>(task: Task<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const step = (): void => {
      try {
        for (;;) {
          const state = task.next();
          if (state.done) {
            resolve(state.value);
            return;
          }
          let immediate = true;
          let resumed = false;
          state.value.subscribe(() => {
            if (immediate) resumed = true;
            else step();
          });
          immediate = false;
          if (!resumed) return;
        }
      } catch (error) {
        reject(error);
      }
    };
    step();
  });
}

/** Runs a task that is known not to wait; throws when it does. */
export function runSync<T>(task: Task<T>): T {
  const state = task.next();
  if (state.done) return state.value;
  task.return(undefined as never);
  throw new Error('a task that must not wait has waited');
}

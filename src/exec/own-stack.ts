/**
 * Calls of functions inside calls, as deep as PostgreSQL allows them: every few levels the inner call is run by whoever runs
 * the statement, with the stack of the engine nearly empty, while the outer ones wait for it.
 */
import { stackDepthExceeded } from '../errors/runtime-limits.js';
import type { Task, Wait } from '../util/task.js';

/** Calls inside calls of one session. */
const MAX_CALLS = 1000;
/** From so many calls on one stack on the next gets a stack of its own; */
const WANTS_OWN = 48;
/** where it cannot have one, this is the end: well below what the stack bears. */
const MAX_ON_STACK = 80;

export class CallDepth {
  private calls = 0;
  private onStack = 0;

  /** @throws SqlError 54001 */
  enter(): void {
    if (this.calls >= MAX_CALLS || this.onStack >= MAX_ON_STACK) throw stackDepthExceeded();
    this.calls++;
    this.onStack++;
  }

  leave(): void {
    this.calls--;
    this.onStack--;
  }

  /** Whether no call is running. */
  get isOutermost(): boolean {
    return this.calls === 0;
  }

  get wantsOwnStack(): boolean {
    return this.onStack >= WANTS_OWN;
  }

  /** Does a part of a call's work with the stack to itself. */
  apart(work: () => void): void {
    const { onStack } = this;
    this.onStack = 0;
    try {
      work();
    } finally {
      this.onStack = onStack;
    }
  }
}

/**
 * A wait in which a task is run, at the bottom of the stack, by whoever waits for the statement: to its end, or until it has
 * to wait for something. Tasks inside that want a stack of their own as well are run on from there.
 */
class OwnStack<T> implements Wait {
  readonly isWork = true;
  /** Where the task has stopped. */
  step: IteratorResult<Wait, T> | null = null;
  failure: { readonly error: unknown } | null = null;
  /** What is to be thrown into the task instead of going on. */
  thrown: { readonly error: unknown } | null = null;
  private task: Task<T> | null = null;

  constructor(
    private readonly depth: CallDepth,
    private readonly start: () => Task<T>,
  ) {}

  subscribe(resume: () => void): void {
    do this.advance();
    while (this.failure === null && this.hasWork());
    resume();
  }

  atOnce(): void {
    this.subscribe(() => {});
  }

  /** Whether the task wants other work done before it goes on, which is done now. */
  private hasWork(): boolean {
    if (this.step === null || this.step.done === true || this.step.value.isWork !== true) return false;
    this.step.value.subscribe(() => {});
    return true;
  }

  private advance(): void {
    this.depth.apart(() => {
      try {
        this.task ??= this.start();
        this.step = this.thrown === null ? this.task.next() : this.task.throw(this.thrown.error);
      } catch (error) {
        this.failure = { error };
      }
      this.thrown = null;
    });
  }

  close(): void {
    this.task?.return(undefined as never);
  }
}

/** Runs a task on a stack of its own. */
export function* onOwnStack<T>(depth: CallDepth, start: () => Task<T>): Task<T> {
  const run = new OwnStack(depth, start);
  let done = false;
  try {
    for (;;) {
      yield run;
      const { step, failure } = run;
      done = failure !== null || step?.done === true;
      if (failure !== null) throw failure.error;
      if (step === null) throw new Error('a task that was waited for has not run');
      if (step.done) return step.value;
      try {
        yield step.value;
      } catch (error) {
        run.thrown = { error };
      }
    }
  } finally {
    if (!done) run.close();
  }
}

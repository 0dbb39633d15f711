/**
 * Limited effort: code whose running time cannot be told from its arguments is first tried for a few milliseconds. The
 * caller that has set the limit knows another way to do the work; without a limit the code runs to its end.
 */

/** How long an attempt may take: milliseconds. */
const ATTEMPT_MS = 3;
/** The clock is read once in so many questions (a power of two). */
const QUESTIONS_PER_CLOCK_READ = 64;

/** Ends an attempt. Not an Error: it is control flow, and no stack is wanted. */
export class TakesLong {}

export const TAKES_LONG = new TakesLong();

let limited = false;
let questions = 0;
let end = 0;

/** What `work` gives; a `TakesLong` when the attempt was given up. Attempts do not nest. */
export function attempt<T>(work: () => T): T | TakesLong {
  beginAttempt();
  try {
    return work();
  } catch (error) {
    if (error instanceof TakesLong) return error;
    throw error;
  } finally {
    endAttempt();
  }
}

function beginAttempt(): void {
  limited = true;
  questions = 0;
  end = 0;
}

function endAttempt(): void {
  limited = false;
}

/** Whether this is an attempt. */
export function isAttempt(): boolean {
  return limited;
}

/** To be asked often by code that may take long. @throws TakesLong */
export function checkEffort(): void {
  if (limited && (++questions & (QUESTIONS_PER_CLOCK_READ - 1)) === 0) readClock();
}

/** The same for code that asks seldom, between long steps. @throws TakesLong */
export function checkEffortNow(): void {
  if (limited) readClock();
}

function readClock(): void {
  const now = performance.now();
  if (end === 0) end = now + ATTEMPT_MS;
  else if (now > end) throw TAKES_LONG;
}

/** Gives the attempt up. Does nothing without one. @throws TakesLong */
export function giveUp(): void {
  if (limited) throw TAKES_LONG;
}

let unhurried = false;

/** From now on nobody waits for this thread: limits that only keep others from waiting do not hold. */
export function haveAllTime(): void {
  unhurried = true;
}

export function hasAllTime(): boolean {
  return unhurried;
}

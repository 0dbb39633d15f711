/**
 * The end of a turn of the event loop, when every connection with input has been served. First the answers leave, then long
 * work goes on, one slice of it for all statements together. So an answer never waits for a slice that began after
 * it was ready, and a turn lasts about as long as a slice, however many long statements there are.
 */

/** Milliseconds of long work in a turn, after which nothing more is begun. */
const WORK_MS = 2;

/** The first items of a list that are done with are cut off when they are this many. */
const CUT_AT = 1024;

interface Work {
  readonly resume: () => void;
  /** What it resumes runs after the end of the turn (a promise), so nothing may follow it there. */
  readonly ends: boolean;
}

const answers: (() => void)[] = [];
const work: (Work | undefined)[] = [];
let first = 0;
let scheduled = false;

/** Has `send` called at the end of this turn, before long work goes on. It must not throw. */
export function atTurnEnd(send: () => void): void {
  answers.push(send);
  schedule();
}

/** Has `resume` called in the end of a turn, after input has been looked for and once the work that came before it has had its slice. */
export function afterInput(resume: () => void, ends = false): void {
  work.push({ resume, ends });
  schedule();
}

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  scheduled = false;
  for (let i = 0; i < answers.length; i++) answers[i]();
  answers.length = 0;
  if (first === work.length) return;
  try {
    doWork(work.length);
  } finally {
    if (first === work.length) {
      work.length = 0;
      first = 0;
    } else {
      if (first >= CUT_AT) {
        work.splice(0, first);
        first = 0;
      }
      schedule();
    }
  }
}

/** Resumes what came before `end`, as long as there is time. */
function doWork(end: number): void {
  const stop = performance.now() + WORK_MS;
  while (first < end) {
    const next = work[first];
    work[first++] = undefined;
    next?.resume();
    if (next?.ends === true || performance.now() >= stop) return;
  }
}

/**
 * Named places where a test can make the process die, stand still, or an operation fail. `ORBIT_FAILPOINT=name:crash`,
 * `name:pause`, `name:error`, or `name:ENOSPC` (an error with that code of the system), several separated by commas;
 * `name:crash@5` acts on the fifth pass. Costs one comparison when off.
 */

type Action = { readonly kind: string; passes: number };

const PAUSE_MS = 300;

export class FailpointError extends Error {
  override readonly name = 'FailpointError';

  /** `code` as in errors of the system, or empty. */
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message);
  }
}

function parse(text: string): Map<string, Action> | null {
  const actions = new Map<string, Action>();
  for (const part of text.split(',')) {
    const match = /^([\w-]+):(crash|pause|error|E[A-Z]+)(?:@(\d+))?$/.exec(part.trim());
    if (match === null) continue;
    actions.set(match[1], { kind: match[2], passes: Number(match[3] ?? 1) });
  }
  return actions.size === 0 ? null : actions;
}

let active = parse(process.env.ORBIT_FAILPOINT ?? '');

/** Replaces the failpoints of the environment, for tests inside one process. An empty text turns all off. */
export function setFailpoints(text: string): void {
  active = parse(text);
}

/** Dies (SIGKILL: nothing is flushed or cleaned up), waits, or throws FailpointError when `name` is armed. */
export function failpoint(name: string): void {
  if (active !== null) act(name, active);
}

function act(name: string, actions: Map<string, Action>): void {
  const action = actions.get(name);
  if (action === undefined || --action.passes !== 0) return;
  if (action.kind === 'pause') {
    standStill(PAUSE_MS);
    return;
  }
  if (action.kind !== 'crash') {
    const code = action.kind === 'error' ? '' : action.kind;
    throw new FailpointError(code === '' ? `failpoint ${name}` : `${code}: failpoint ${name}`, code);
  }
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered asynchronously: nothing may happen in between.
  standStill(Number.POSITIVE_INFINITY);
}

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

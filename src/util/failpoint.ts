/**
 * Named places where a test can make the process die or an operation fail. `ORBIT_FAILPOINT=name:crash` or
 * `name:error`, several separated by commas; `name:crash@5` acts on the fifth pass. Costs one comparison when off.
 */

type Action = { readonly kind: 'crash' | 'error'; passes: number };

export class FailpointError extends Error {
  override readonly name = 'FailpointError';
}

function parse(text: string): Map<string, Action> | null {
  const actions = new Map<string, Action>();
  for (const part of text.split(',')) {
    const match = /^([\w-]+):(crash|error)(?:@(\d+))?$/.exec(part.trim());
    if (match === null) continue;
    actions.set(match[1], { kind: match[2] === 'crash' ? 'crash' : 'error', passes: Number(match[3] ?? 1) });
  }
  return actions.size === 0 ? null : actions;
}

let active = parse(process.env.ORBIT_FAILPOINT ?? '');

/** Replaces the failpoints of the environment, for tests inside one process. An empty text turns all off. */
export function setFailpoints(text: string): void {
  active = parse(text);
}

/** Dies (SIGKILL: nothing is flushed or cleaned up) or throws FailpointError when `name` is armed. */
export function failpoint(name: string): void {
  if (active !== null) act(name, active);
}

function act(name: string, actions: Map<string, Action>): void {
  const action = actions.get(name);
  if (action === undefined || --action.passes !== 0) return;
  if (action.kind === 'error') throw new FailpointError(`failpoint ${name}`);
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered asynchronously: nothing may happen in between.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/**
 * Whether the event loop serves a single client at the moment: then it may block for as long as that client would have to wait
 * anyway. Counted in turns of work, not in time, so that the answer costs nothing.
 */

/** So many turns in a row for the same client, and it is alone: some transactions. */
const TURNS = 16;

let latest: object | null = null;
let turns = 0;

/** The event loop works for `client`. */
export function servedClient(client: object): void {
  if (client === latest) turns++;
  else {
    latest = client;
    turns = 0;
  }
}

export function isLoneClient(): boolean {
  return turns >= TURNS;
}

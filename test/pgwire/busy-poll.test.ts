/** Looking for input a little longer: ends with input or without, and becomes rarer where nothing comes. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { BusyPoll } from '../../src/pgwire/busy-poll.js';

/** Turns of the event loop until `poll` looks no more. */
async function ended(poll: BusyPoll): Promise<void> {
  while (poll.isLooking) await turn();
}

t.test('input ends it', async (t) => {
  const poll = new BusyPoll();
  for (let round = 0; round < 3; round++) {
    poll.sent();
    t.equal(poll.isLooking, true);
    poll.arrived();
    await turn();
    t.equal(poll.isLooking, false);
  }
});

t.test('what was in vain is not tried at the next answer', async (t) => {
  const poll = new BusyPoll();
  let sends = 0;
  const next = (): number => {
    const before = sends;
    while (!poll.isLooking) {
      poll.sent();
      sends++;
    }
    return sends - before;
  };
  t.equal(next(), 1);
  await ended(poll);
  const first = next();
  t.ok(first > 1);
  await ended(poll);
  t.ok(next() > first, 'ever more rarely');
  poll.arrived();
  await turn();
  t.equal(next(), 1, 'until input comes again');
  await ended(poll);
});

/** Whether one client has the event loop to itself. */
import t from 'tap';
import { isLoneClient, servedClient } from '../../src/util/lone-client.js';

t.test('a client is alone after some turns, and no more when another comes', async (t) => {
  const [one, other] = [{}, {}];
  t.equal(isLoneClient(), false);
  for (let turn = 0; turn < 100; turn++) servedClient(one);
  t.equal(isLoneClient(), true);
  servedClient(other);
  t.equal(isLoneClient(), false);
  servedClient(one);
  t.equal(isLoneClient(), false);
});

/** A clock that steps backwards, even to before 1970: records tell the time, but nothing depends on it. */
import t from 'tap';
import { appendAll, openLog, payloadOf } from './log-support.js';
import { SimulatedDisk } from './simulated-files.js';

t.test('the clock steps backwards between records and before a start', async (t) => {
  const now = Date.now;
  t.teardown(() => {
    Date.now = now;
  });
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  const times = [1_800_000_000_000, 1_700_000_000_000, 5, -86_400_000];
  const ends: number[] = [];
  for (const [i, time] of times.entries()) {
    Date.now = () => time;
    ends.push(...(await appendAll(wal, [payloadOf(i, 100)])));
  }
  await wal.close();
  const again = await openLog(disk);
  t.same(
    again.entries.map(({ endLsn }) => endLsn),
    ends,
    'every record is read back',
  );
  const more = await appendAll(again.wal, [payloadOf(9, 100)]);
  t.ok(more[0] > ends[ends.length - 1], 'positions go on growing');
  await again.wal.close();
});

/** The log on the real file system: nothing simulated in between. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { servedClient } from '../../src/util/lone-client.js';
import { MARK_NAME } from '../../src/wal/synced-mark.js';
import { Wal } from '../../src/wal/wal.js';
import { appendAll, flushed, payloadOf, readAll } from './log-support.js';

const SEGMENT_SIZE = 64 << 10;
const root = mkdtempSync(join(tmpdir(), 'wal-files-'));
t.teardown(() => rmSync(root, { recursive: true, force: true }));

t.test('a log over several files, read again, recycled and continued', async (t) => {
  const directory = join(root, 'new', 'log');
  const wal = await Wal.open(directory, { segmentSize: SEGMENT_SIZE });
  t.same(await readAll(wal), []);
  const payloads = Array.from({ length: 30 }, (_, i) => payloadOf(i, 100 + i * 900));
  const ends = await appendAll(wal, payloads);
  await wal.recycle(ends[20]);
  await wal.close();
  const files = readdirSync(directory);
  for (const name of files.filter((found) => found !== MARK_NAME))
    t.equal(statSync(join(directory, name)).size, SEGMENT_SIZE, `${name} has its full size`);
  t.notOk(files.includes('0000000000000000.wal'), 'the first segment was used again');

  const again = await Wal.open(directory, { segmentSize: SEGMENT_SIZE * 2 });
  const entries = await readAll(again, ends[20]);
  t.same(
    entries.map(({ payload }) => payload.toString()),
    payloads.slice(21).map((payload) => payload.toString()),
  );
  await flushed(again, again.append(2, payloadOf(99, SEGMENT_SIZE * 2)));
  t.equal((await readAll(again, ends[29])).length, 1);
  await again.close();
});

t.test('a client that is alone has its records written on the main thread', async (t) => {
  const directory = join(root, 'alone');
  const wal = await Wal.open(directory, { segmentSize: SEGMENT_SIZE });
  t.same(await readAll(wal), []);
  await appendAll(wal, [payloadOf(0, 100)]);
  for (let turn = 0; turn < 100; turn++) servedClient(wal);
  const end = wal.append(2, payloadOf(1, 100));
  await Promise.resolve();
  t.equal(wal.flushedLsn, end, 'before the event loop turns');
  const last = wal.append(2, payloadOf(2, SEGMENT_SIZE));
  await Promise.resolve();
  t.not(wal.flushedLsn, last, 'a long one goes to the thread pool');
  await flushed(wal, last);
  t.equal((await readAll(wal, end)).length, 1);
  servedClient(t);
  await wal.close();
});

t.test('a directory that cannot be made', async (t) => {
  const directory = join(root, 'file');
  const wal = await Wal.open(directory, { segmentSize: SEGMENT_SIZE });
  await readAll(wal);
  await appendAll(wal, [Buffer.from('x')]);
  await wal.close();
  const inside = join(directory, '0000000000000000.wal', 'log');
  await t.rejects(Wal.open(inside, { segmentSize: SEGMENT_SIZE }), { code: 'ENOTDIR' });
});

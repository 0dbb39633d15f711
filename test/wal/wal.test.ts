/** The log on a disk that works: round trips, group commit, segments, recycling; and on one that reports errors. */
import { basename, join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { MARK_NAME } from '../../src/wal/synced-mark.js';
import { Wal, WalError } from '../../src/wal/wal.js';
import { appendAll, DIRECTORY, flushed, openLog, payloadOf, readAll, SEGMENT_SIZE } from './log-support.js';
import { type Operation, SimulatedDisk } from './simulated-files.js';

t.test('what was appended comes back, with type, position and time', async (t) => {
  const records = fc.array(fc.record({ type: fc.integer({ min: 1, max: 255 }), size: fc.nat(6000) }), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(records, async (wanted) => {
      const disk = new SimulatedDisk();
      const { wal, entries } = await openLog(disk);
      t.same(entries, []);
      const written = wanted.map(({ type, size }, i) => {
        const lsn = wal.appendedLsn;
        const payload = Buffer.alloc(size, i + 1);
        return { lsn, endLsn: wal.append(type, payload), type, payload };
      });
      await wal.close();
      const again = await openLog(disk);
      t.same(again.entries, written);
      t.equal(again.wal.appendedLsn, wal.appendedLsn);
      t.equal(again.wal.flushedLsn, again.wal.appendedLsn);
      await again.wal.close();
    }),
    { numRuns: 40 },
  );
});

t.test('a record tells when it was made', async (t) => {
  const { wal } = await openLog(new SimulatedDisk());
  const before = Date.now() * 1000;
  await flushed(wal, wal.append(1, Buffer.from('x')));
  for await (const record of wal.readFrom(0)) t.ok(record.time >= before && record.time <= Date.now() * 1000);
  await wal.close();
});

t.test('reading begins at any record, and at the end', async (t) => {
  const { wal } = await openLog(new SimulatedDisk());
  const ends = await appendAll(
    wal,
    [1, 2, 3, 4].map((i) => payloadOf(i, 3000)),
  );
  t.same(
    (await readAll(wal, ends[1])).map(({ endLsn }) => endLsn),
    [ends[2], ends[3]],
  );
  t.same(await readAll(wal, ends[3]), []);
  await wal.close();
});

t.test('appending goes on behind what was read, again and again', async (t) => {
  const disk = new SimulatedDisk();
  for (let life = 0; life < 5; life++) {
    const { wal, entries } = await openLog(disk);
    t.same(
      entries.map(({ payload }) => payload.toString()),
      Array.from({ length: life }, (_, i) => String(i)),
    );
    wal.append(1, Buffer.from(String(life)));
    await wal.close();
  }
});

t.test('one write and one sync for everything that gathers while the device is busy', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk, 0, { segmentSize: 1 << 20 });
  await flushed(wal, wal.append(1, Buffer.from('makes the first segment')));
  // The mark is written once for the segment.
  while (disk.bytes(join(DIRECTORY, MARK_NAME))[0] === 0) await new Promise((resolve) => setImmediate(resolve));
  const { write, sync } = disk.counts;
  const heard: number[] = [];
  wal.onFlush((lsn) => heard.push(lsn));
  const first = wal.append(1, Buffer.from('first'));
  await Promise.resolve();
  let last = 0;
  for (let i = 0; i < 100; i++) last = wal.append(1, payloadOf(i, 100));
  t.ok(wal.flushedLsn < first, 'append only writes to memory');
  await flushed(wal, last);
  t.same(heard, [first, last]);
  t.equal(disk.counts.write - write, 2);
  t.equal(disk.counts.sync - sync, 2);
  await wal.close();
});

t.test('nothing is announced before it is synced', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  wal.onFlush((lsn) => {
    disk.powerFailure(() => 0.999);
    t.equal(lsn, wal.flushedLsn);
  });
  const end = wal.append(1, payloadOf(1, 9000));
  await flushed(wal, end);
  t.equal((await openLog(disk)).entries.length, 1);
});

t.test('old segments are used again, and their old records are not seen', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  let kept = 0;
  for (let i = 0; i < 200; i++) {
    const end = wal.append(1, payloadOf(i, 300));
    await flushed(wal, end);
    if (i % 10 === 9) {
      kept = end;
      await wal.recycle(end);
    }
  }
  t.ok(disk.files(DIRECTORY).length <= 5, disk.files(DIRECTORY).join(' '));
  const end = wal.append(1, payloadOf(200, 300));
  await wal.close();
  const again = await openLog(disk, kept);
  t.same(
    again.entries.map(({ endLsn }) => endLsn),
    [end],
  );
  await again.wal.close();
});

t.test('a log may not be continued before it was read', async (t) => {
  const wal = await Wal.open(DIRECTORY, { segmentSize: SEGMENT_SIZE, files: new SimulatedDisk() });
  t.throws(() => wal.append(1, Buffer.alloc(1)), /must be read/);
  await wal.close();
});

for (const operation of ['write', 'sync'] as const) {
  // A write for which there is no space is tried again: see below.
  for (const code of operation === 'sync' ? ['EIO', 'ENOSPC'] : ['EIO']) {
    t.test(`a failed ${operation} (${code}) ends the log for good`, async (t) => {
      const disk = new SimulatedDisk();
      const { wal } = await openLog(disk);
      const safe = wal.append(1, Buffer.from('safe'));
      await flushed(wal, safe);
      disk.fault = (what) => (what === operation ? Object.assign(new Error(`${code}: no`), { code }) : null);
      const failure = new Promise<Error>((resolve) => wal.onFailure(resolve));
      wal.onFlush(() => t.fail('it was announced'));
      wal.append(1, Buffer.from('lost'));
      const error = await failure;
      t.ok(error instanceof WalError);
      t.match(error, { noSpace: code === 'ENOSPC' });
      disk.fault = () => null;
      t.throws(() => wal.append(1, Buffer.from('no more')), { name: 'WalError' });
      await new Promise((resolve) => setTimeout(resolve, 5));
      t.equal(wal.flushedLsn, safe);
      await wal.close();
    });
  }
}

interface ShortageCase {
  readonly what: string;
  readonly operation: Operation;
  readonly code: 'ENOSPC' | 'EMFILE';
  /** Files are known by the name under which they were opened. */
  isMet(path: string, names: readonly string[]): boolean;
}

const isSpare = (path: string, names: readonly string[]): boolean =>
  /spare-\d+$/.test(path) && names.includes(basename(path));

const MARK = join(DIRECTORY, MARK_NAME);
const isSegment = (path: string, names: readonly string[]): boolean =>
  path !== MARK && !path.includes('new-') && !isSpare(path, names);

const SHORTAGES: readonly ShortageCase[] = [
  { what: 'room for the next segment', operation: 'write', code: 'ENOSPC', isMet: (path) => path.includes('new-') },
  { what: 'room in a segment', operation: 'write', code: 'ENOSPC', isMet: isSegment },
  { what: 'descriptor to make one', operation: 'open', code: 'EMFILE', isMet: (path) => path.includes('new-') },
  { what: 'descriptor to open it', operation: 'open', code: 'EMFILE', isMet: isSpare },
  { what: 'room for its header', operation: 'write', code: 'ENOSPC', isMet: isSpare },
  { what: 'room to sync its header', operation: 'sync', code: 'ENOSPC', isMet: isSpare },
  { what: 'room for its name', operation: 'rename', code: 'ENOSPC', isMet: isSpare },
  { what: 'descriptor to sync its name', operation: 'syncDirectory', code: 'EMFILE', isMet: () => true },
];

for (const { what, operation, code, isMet } of SHORTAGES) {
  t.test(`no ${what}: the log waits, and goes on when there is; closed meanwhile it fails`, async (t) => {
    const disk = new SimulatedDisk();
    const { wal } = await openLog(disk);
    const fault = (asked: Operation, path: string): Error | null => {
      const names = disk.files(DIRECTORY);
      if (asked !== operation || !isMet(path, names) || !names.some((name) => name.endsWith('.wal'))) return null;
      return Object.assign(new Error(code), { code });
    };
    await appendAll(wal, [payloadOf(0, 1000)]);
    disk.fault = fault;
    const many = Array.from({ length: 20 }, (_, i) => payloadOf(i, 1000));
    const refused = t.rejects(appendAll(wal, many), { name: 'WalError', noSpace: code === 'ENOSPC' });
    while (wal.shortage === null) await new Promise((resolve) => setImmediate(resolve));
    t.match(wal.shortage, { of: code === 'ENOSPC' ? 'space' : 'descriptors' });
    t.equal(wal.failed, null);
    await wal.close();
    await refused;
    const safe = wal.flushedLsn;
    t.notOk(
      disk.files(DIRECTORY).some((name) => name.startsWith('new-')),
      'nothing half-filled is left behind',
    );
    t.equal(disk.openFiles, 0);
    disk.fault = () => null;
    const again = await openLog(disk);
    t.ok(again.entries.length >= (isMet === isSegment ? 1 : 3));
    t.equal(again.wal.appendedLsn, safe);
    disk.fault = fault;
    const later = appendAll(again.wal, many);
    while (again.wal.shortage === null) await new Promise((resolve) => setImmediate(resolve));
    disk.fault = () => null;
    const ends = await later;
    t.equal(again.wal.shortage, null);
    t.equal(again.wal.flushedLsn, ends.at(-1));
    await again.wal.close();
    t.equal((await openLog(disk)).entries.length, again.entries.length + many.length);
  });
}

t.test('only the segment that is written stays open, one that is made ready, and the mark', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  for (let i = 0; i < 20; i++) {
    await appendAll(wal, [payloadOf(i, 1000)]);
    t.ok(disk.openFiles <= 3, `${disk.openFiles} files`);
  }
  t.ok(disk.files(DIRECTORY).length > 5);
  await readAll(wal);
  t.ok(disk.openFiles <= 3);
  await wal.close();
  t.equal(disk.openFiles, 0);
});

t.test('a log that is closed takes nothing more', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  const [end] = await appendAll(wal, [Buffer.from('in time')]);
  await wal.close();
  t.throws(() => wal.append(1, Buffer.from('late')));
  await new Promise((resolve) => setTimeout(resolve, 5));
  t.same(
    (await openLog(disk)).entries.map(({ endLsn }) => endLsn),
    [end],
  );
});

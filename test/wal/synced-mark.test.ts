/** The mark that says up to where the log was on disk: a lost end is refused, and a lost mark harms nothing. */
import { join } from 'node:path';
import t from 'tap';
import { SEGMENT_HEADER, segmentName } from '../../src/wal/segment.js';
import { MARK_NAME } from '../../src/wal/synced-mark.js';
import { Wal } from '../../src/wal/wal.js';
import { appendAll, DIRECTORY, loseMark, openLog, payloadOf, SEGMENT_SIZE } from './log-support.js';
import { type Operation, SimulatedDisk } from './simulated-files.js';

const MARK = join(DIRECTORY, MARK_NAME);
const BODY = SEGMENT_SIZE - SEGMENT_HEADER;
const segment = (number: number): string => join(DIRECTORY, segmentName(number));

/** A log of so many records of 1000 bytes; closed in order, so that the mark is at its end. */
async function written(count: number): Promise<{ disk: SimulatedDisk; ends: number[] }> {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  const ends = await appendAll(
    wal,
    Array.from({ length: count }, (_, i) => payloadOf(i, 1000)),
  );
  await wal.close();
  return { disk, ends };
}

async function entryCount(disk: SimulatedDisk): Promise<number> {
  const { wal, entries } = await openLog(disk);
  await wal.close();
  return entries.length;
}

/** As the crash of a process leaves it: only what is written behind a segment's first flush is missing in the mark. */
async function killed(count: number): Promise<{ disk: SimulatedDisk; ends: number[] }> {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  const ends = await appendAll(
    wal,
    Array.from({ length: count }, (_, i) => payloadOf(i, 1000)),
  );
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  disk.powerFailure(() => 0.999);
  return { disk, ends };
}

t.test('the last segment is lost', async (t) => {
  for (const make of [written, killed]) {
    const { disk, ends } = await make(10);
    const last = Math.floor(ends[9] / BODY);
    t.ok(last > 1);
    disk.lose(segment(last));
    await t.rejects(openLog(disk), { name: 'WalCorruption', file: segment(last), message: /the segment is missing/ });
    disk.lose(segment(last - 1));
    await t.rejects(openLog(disk), { name: 'WalCorruption', file: segment(last - 1) });
  }
});

t.test('all segments are lost', async (t) => {
  const { disk } = await killed(10);
  for (const name of disk.files(DIRECTORY)) if (name.endsWith('.wal')) disk.lose(join(DIRECTORY, name));
  await t.rejects(openLog(disk), { name: 'WalCorruption', file: segment(0) });
});

t.test('the end of the log is zeroes', async (t) => {
  const { disk, ends } = await written(10);
  const last = Math.floor(ends[9] / BODY);
  const whole = Buffer.from(disk.bytes(segment(last)));
  for (const keep of [0, 100, ends[9] - last * BODY - 8]) {
    whole.copy(disk.bytes(segment(last)));
    disk.bytes(segment(last)).fill(0, SEGMENT_HEADER + keep);
    await t.rejects(openLog(disk), {
      name: 'WalCorruption',
      message: new RegExp(
        `the log was on disk up to offset ${SEGMENT_HEADER + ends[9] - last * BODY} of ${segment(last)}`,
      ),
    });
  }
  loseMark(disk);
  t.ok((await entryCount(disk)) < 10, 'without the mark the log goes on with what is there');
});

t.test('what was not marked yet may be torn', async (t) => {
  const { disk, ends } = await killed(2);
  disk.bytes(segment(0)).fill(0, SEGMENT_HEADER + ends[0] + 500);
  t.equal(await entryCount(disk), 1);
});

t.test('the mark follows in a while', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  const ends = await appendAll(wal, [payloadOf(0, 1000), payloadOf(1, 1000)]);
  const marked = (): number => Math.max(...[0, 512].map((at) => Number(disk.bytes(MARK).readBigUInt64LE(at + 24))));
  t.ok(marked() <= ends[0]);
  while (marked() < ends[1]) await new Promise((resolve) => setTimeout(resolve, 20));
  disk.powerFailure(() => 0.999);
  disk.bytes(segment(0)).fill(0, SEGMENT_HEADER + ends[0]);
  await t.rejects(openLog(disk), { name: 'WalCorruption' });
});

t.test('a log that ends with its segment', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  // The header of a record has 36 bytes.
  await appendAll(wal, [Buffer.alloc(BODY - 36, 1)]);
  t.equal(wal.flushedLsn, BODY);
  await wal.close();
  t.equal(await entryCount(disk), 1);
  disk.lose(segment(0));
  await t.rejects(openLog(disk), { name: 'WalCorruption' });
});

t.test('a mark that is damaged, lost, or of another log', async (t) => {
  const { disk } = await written(10);
  const bytes = disk.bytes(MARK);
  const intact = Buffer.from(bytes);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] ^= 0xff;
    if (at % 16 === 0) t.equal(await entryCount(disk), 10);
    intact.copy(bytes);
  }
  bytes.fill(0);
  t.equal(await entryCount(disk), 10);
  const other = await written(20);
  other.disk.bytes(MARK).copy(disk.bytes(MARK));
  t.equal(await entryCount(disk), 10);
  loseMark(disk);
  t.equal(await entryCount(disk), 10);
  t.ok(disk.files(DIRECTORY).includes(MARK_NAME), 'it is made anew');
});

t.test('one of the two places is torn: the other still counts', async (t) => {
  const { disk, ends } = await written(10);
  const last = Math.floor(ends[9] / BODY);
  disk.lose(segment(last));
  const intact = Buffer.from(disk.bytes(MARK));
  for (const place of [0, 512]) {
    intact.copy(disk.bytes(MARK));
    disk.bytes(MARK).fill(0, place + 20, place + 30);
    await t.rejects(openLog(disk), { name: 'WalCorruption', file: segment(last) });
  }
});

t.test('whoever reads the log may know better', async (t) => {
  const { disk, ends } = await written(3);
  const wal = await Wal.open(DIRECTORY, { segmentSize: SEGMENT_SIZE, files: disk });
  const read = async (): Promise<void> => {
    for await (const _ of wal.readFrom(0, ends[2] + 8));
  };
  await t.rejects(read(), { name: 'WalCorruption' });
});

for (const operation of ['write', 'sync'] as const) {
  const broken =
    (code: string) =>
    (asked: Operation, path: string): Error | null =>
      asked === operation && path === MARK ? Object.assign(new Error(code), { code }) : null;

  t.test(`a ${operation} of the mark fails: the device is broken, and the log ends`, async (t) => {
    const disk = new SimulatedDisk();
    const { wal } = await openLog(disk);
    disk.fault = broken('EIO');
    const failure = new Promise<Error>((resolve) => wal.onFailure(resolve));
    const end = wal.append(1, payloadOf(0, 1000));
    t.match(await failure, { name: 'WalError' });
    await wal.close();
    disk.fault = () => null;
    t.equal((await openLog(disk)).wal.appendedLsn, end);
  });

  t.test(`a ${operation} of the mark finds no space: the mark waits`, async (t) => {
    const disk = new SimulatedDisk();
    const { wal } = await openLog(disk);
    disk.fault = broken('ENOSPC');
    const ends = await appendAll(
      wal,
      [0, 1, 2, 3, 4, 5].map((i) => payloadOf(i, 1000)),
    );
    t.equal(wal.failed, null);
    disk.fault = () => null;
    await wal.close();
    disk.lose(segment(Math.floor(ends[5] / BODY)));
    await t.rejects(openLog(disk), { name: 'WalCorruption' });
  });
}

t.test('damage of the last record is found after the process was killed', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  const ends = await appendAll(
    wal,
    Array.from({ length: 3 }, (_, i) => payloadOf(i, 100)),
  );
  // The note has a third place, and comes soon.
  while (Number(disk.bytes(MARK).readBigUInt64LE(2 * 512 + 24)) < ends[2])
    await new Promise((resolve) => setTimeout(resolve, 1));
  const bytes = disk.bytes(segment(0));
  for (const at of [ends[1], ends[2] - 20]) {
    bytes[SEGMENT_HEADER + at] ^= 1;
    await t.rejects(openLog(disk), { name: 'WalCorruption', message: /the log was on disk up to/ });
    bytes[SEGMENT_HEADER + at] ^= 1;
  }
  t.equal(await entryCount(disk), 3);
});

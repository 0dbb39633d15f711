/** What recovery makes of a log whose bytes are not those that were written: a torn tail is cut off, damage is refused. */
import { join } from 'node:path';
import t from 'tap';
import { RECORD_HEADER } from '../../src/wal/record.js';
import { SEGMENT_HEADER, segmentName } from '../../src/wal/segment.js';
import { WalCorruption } from '../../src/wal/wal-corruption.js';
import { appendAll, DIRECTORY, flushed, loseMark, openLog, payloadOf, SEGMENT_SIZE } from './log-support.js';
import { SimulatedDisk } from './simulated-files.js';

const BODY = SEGMENT_SIZE - SEGMENT_HEADER;

/** The file and the offset in it of a position in the log. */
function place(lsn: number): { path: string; offset: number } {
  const number = Math.floor(lsn / BODY);
  return { path: join(DIRECTORY, segmentName(number)), offset: SEGMENT_HEADER + (lsn % BODY) };
}

function change(disk: SimulatedDisk, lsn: number, mask = 0xff): void {
  const { path, offset } = place(lsn);
  disk.bytes(path)[offset] ^= mask;
}

/** Bytes of the log from `lsn` on are zero, as if they had never been written. */
function zero(disk: SimulatedDisk, from: number, to: number): void {
  for (let lsn = from; lsn < to; lsn++) {
    const { path, offset } = place(lsn);
    disk.bytes(path)[offset] = 0;
  }
}

async function written(count: number, size: number): Promise<{ disk: SimulatedDisk; ends: number[] }> {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  const ends = await appendAll(
    wal,
    Array.from({ length: count }, (_, i) => payloadOf(i, size)),
  );
  await wal.close();
  loseMark(disk);
  return { disk, ends };
}

async function refusal(disk: SimulatedDisk, from = 0): Promise<WalCorruption | null> {
  try {
    const { wal } = await openLog(disk, from);
    await wal.close();
    return null;
  } catch (error) {
    if (error instanceof WalCorruption) return error;
    throw error;
  }
}

t.test('a last record torn at any byte is cut off, and the log goes on', async (t) => {
  for (let kept = 0; kept < RECORD_HEADER + 100; kept++) {
    const { disk, ends } = await written(4, 100);
    zero(disk, ends[2] + kept, ends[3]);
    const { wal, entries } = await openLog(disk);
    // The payload has no zeroes, so that every cut within it is a loss.
    t.same(
      entries.map(({ endLsn }) => endLsn),
      ends.slice(0, 3),
      `${kept} bytes`,
    );
    const [end] = await appendAll(wal, [Buffer.from('after')]);
    await wal.close();
    t.same(
      (await openLog(disk)).entries.map(({ endLsn }) => endLsn),
      [...ends.slice(0, 3), end],
    );
  }
});

t.test('any changed byte of the last record makes it torn', async (t) => {
  const { disk, ends } = await written(3, 40);
  for (let lsn = ends[1]; lsn < ends[1] + RECORD_HEADER + 40; lsn++) {
    change(disk, lsn);
    const saved = Buffer.from(disk.bytes(place(lsn).path));
    const { wal, entries } = await openLog(disk);
    t.equal(entries.length, 2, `byte ${lsn - ends[1]}`);
    // With a header that cannot be one, what is there might as well be an old record's.
    if (lsn >= ends[1] + RECORD_HEADER)
      t.match(wal.tornTail, `offset ${place(ends[1]).offset} of ${place(ends[1]).path}`);
    saved.copy(disk.bytes(place(lsn).path));
    change(disk, lsn);
  }
  t.equal((await openLog(disk)).entries.length, 3);
});

t.test('any changed byte before a record made after it was safe is damage, named by file and offset', async (t) => {
  const { disk, ends } = await written(4, 40);
  for (let lsn = ends[0]; lsn < ends[0] + RECORD_HEADER + 40; lsn++) {
    change(disk, lsn);
    const error = await refusal(disk);
    t.match(error, { file: place(ends[0]).path, offset: place(ends[0]).offset }, `byte ${lsn - ends[0]}`);
    change(disk, lsn);
  }
  t.equal(await refusal(disk), null);
});

t.test('damage is found across segments, and before a record that spans them', async (t) => {
  for (const [count, size] of [
    [12, 1000],
    [3, 9000],
  ]) {
    const { disk, ends } = await written(count, size);
    t.ok(ends.at(-1)! > 2 * BODY);
    change(disk, ends[0] + RECORD_HEADER);
    t.match(await refusal(disk), { file: place(ends[0]).path, offset: place(ends[0]).offset });
  }
});

t.test('records of one write: what survives behind a lost one is no damage, and never comes back', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  const [safe] = await appendAll(wal, [payloadOf(0, 40)]);
  const first = wal.append(1, payloadOf(1, 40));
  const second = wal.append(1, payloadOf(2, 40));
  await flushed(wal, second);
  await wal.close();
  loseMark(disk);
  zero(disk, safe, first);
  const again = await openLog(disk);
  t.same(
    again.entries.map(({ endLsn }) => endLsn),
    [safe],
  );
  t.match(again.wal.tornTail, 'with 1 whole records behind it');
  // As long as the lost one: what follows must not be taken for its successor.
  const [end] = await appendAll(again.wal, [payloadOf(3, 40)]);
  t.equal(end, first);
  await again.wal.close();
  t.same(
    (await openLog(disk)).entries.map(({ endLsn }) => endLsn),
    [safe, first],
  );
});

t.test('a missing segment is damage', async (t) => {
  const { disk, ends } = await written(20, 1000);
  const middle = join(DIRECTORY, segmentName(2));
  disk.lose(middle);
  t.match(await refusal(disk), { file: middle });
  t.match(await refusal(disk, ends[0]), { file: middle });
});

t.test('reading from a position whose segment is gone is damage', async (t) => {
  const { disk, ends } = await written(20, 1000);
  disk.lose(join(DIRECTORY, segmentName(0)));
  t.match(await refusal(disk, ends[0]), { file: join(DIRECTORY, segmentName(0)) });
});

t.test('a bad segment header is damage, in any byte that means something', async (t) => {
  const { disk } = await written(12, 1000);
  for (const number of [0, 1]) {
    const path = join(DIRECTORY, segmentName(number));
    for (const offset of [0, 12, 16, 24, 40, 60]) {
      disk.bytes(path)[offset] ^= 0xff;
      t.match(await refusal(disk), { file: path }, `segment ${number}, byte ${offset}`);
      disk.bytes(path)[offset] ^= 0xff;
    }
  }
  t.equal(await refusal(disk), null);
});

t.test('a segment of another log is not taken for ours', async (t) => {
  const { disk } = await written(12, 1000);
  const other = await written(12, 1000);
  const path = join(DIRECTORY, segmentName(1));
  other.disk.bytes(path).copy(disk.bytes(path));
  t.match(await refusal(disk), { file: path });
});

t.test('an emptied directory is damage, once there was something to read from', async (t) => {
  const { disk, ends } = await written(8, 1000);
  for (const name of disk.files(DIRECTORY)) disk.lose(join(DIRECTORY, name));
  t.match(await refusal(disk, ends[3]), { name: 'WalCorruption' });
  t.equal(await refusal(disk), null, 'a new log begins at 0');
});

t.test('a log recycled up to the very end of a segment can be read from there', async (t) => {
  const disk = new SimulatedDisk();
  const { wal } = await openLog(disk);
  const end = wal.append(1, Buffer.alloc(BODY - RECORD_HEADER, 1));
  t.equal(end, BODY);
  await flushed(wal, end);
  await wal.recycle(end);
  await wal.close();
  const again = await openLog(disk, end);
  t.same(again.entries, []);
  const [next] = await appendAll(again.wal, [Buffer.from('next')]);
  await again.wal.close();
  t.same(
    (await openLog(disk, end)).entries.map(({ endLsn }) => endLsn),
    [next],
  );
});

t.test('a record behind a hole of zeroes of any length shows the damage', async (t) => {
  const options = { segmentSize: 1 << 16 };
  for (let size = 3900; size < 13_000; size += 136) {
    const disk = new SimulatedDisk();
    const { wal } = await openLog(disk, 0, options);
    const ends = await appendAll(wal, [payloadOf(0, 100 + (size % 96)), payloadOf(1, size), payloadOf(2, 40)]);
    await wal.close();
    const file = disk.bytes(join(DIRECTORY, segmentName(0)));
    file.fill(0, SEGMENT_HEADER + ends[0], SEGMENT_HEADER + ends[1]);
    await t.rejects(openLog(disk, 0, options), WalCorruption, `${size} bytes`);
  }
});

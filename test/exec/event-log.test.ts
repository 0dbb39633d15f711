/** Events that wait: kept as they are, packed, and in a file, with truncation at every point. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { EventLog } from '../../src/exec/event-log.js';
import type { Row } from '../../src/types/datum.js';
import { runTask } from '../../src/util/task.js';
import { TemporaryFiles } from '../../src/util/temporary-files.js';

const CHUNK = 64 << 10;

function rowOf(i: number, what: string): Row {
  return [i, `${what} ${i} ${'x'.repeat(i % 50)}`, null];
}

function fill(log: EventLog, from: number, to: number): void {
  for (let i = from; i < to; i++)
    log.add(i % 3, i * 5, i % 2 === 0 ? rowOf(i, 'old') : null, i % 5 === 0 ? rowOf(i, 'new') : null);
}

/** Numbers of the events that are not as `fill` makes them, and how many there are. */
function look(log: EventLog): { wrong: number[]; count: number } {
  const wrong: number[] = [];
  let count = 0;
  for (const { kind, rowId, old, row } of log.events()) {
    const i = count++;
    const isRight =
      kind === i % 3 &&
      rowId === i * 5 &&
      JSON.stringify(old) === JSON.stringify(i % 2 === 0 ? rowOf(i, 'old') : null) &&
      JSON.stringify(row) === JSON.stringify(i % 5 === 0 ? rowOf(i, 'new') : null);
    if (!isRight) wrong.push(i);
  }
  return { wrong, count };
}

for (const withFile of [false, true]) {
  t.test(withFile ? 'with a file' : 'in memory', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'orbit-events-'));
    t.teardown(() => rm(directory, { recursive: true, force: true }));
    const files = new TemporaryFiles(directory, 4);
    const log = new EventLog(
      () => (withFile ? files.make() : null),
      (row) => row,
      2 * CHUNK,
    );
    for (const count of [0, 1, 255, 256, 257, 5000, 20_000]) {
      fill(log, log.count, count);
      if (log.needsFlush) await runTask(log.flush());
      t.equal(log.needsFlush, !withFile && count === 20_000, `${count} events: what is in memory`);
      t.same(look(log), { wrong: [], count });
    }
    for (const count of [20_000, 19_999, 12_345, 12_344, 300]) {
      log.truncate(count);
      t.same(look(log), { wrong: [], count }, `back to ${count}`);
      fill(log, count, count + 700);
      t.same(look(log), { wrong: [], count: count + 700 }, 'and on');
      log.truncate(count);
    }
    log.truncate(0);
    t.same(look(log), { wrong: [], count: 0 });
    fill(log, 0, 10);
    t.same(look(log), { wrong: [], count: 10 });
    log.close();
    t.same(look(log), { wrong: [], count: 0 });
  });
}

t.test('events that are added while they are read', async (t) => {
  const log = new EventLog(() => null);
  fill(log, 0, 100);
  const seen: number[] = [];
  for (const { rowId } of log.events()) {
    seen.push(rowId / 5);
    if (log.count < 3000) fill(log, log.count, log.count + 2);
  }
  t.same(
    seen,
    Array.from({ length: 3000 }, (_, i) => i),
    'each once, in order',
  );
});

t.test('only what is needed of rows is packed', async (t) => {
  const log = new EventLog(
    () => null,
    (row) => [row[0], null, null],
  );
  for (let i = 0; i < 300; i++) log.add(0, i, rowOf(i, 'old'), null);
  t.same(
    [...log.events()].map(({ old }) => old),
    Array.from({ length: 300 }, (_, i) => [i, null, null]),
  );
});

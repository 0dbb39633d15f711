/** LevelDB itself without descriptors: what was written before is there, and after. For files that cannot grow: server/file-size-limit.test.ts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { KvError } from '../../src/kv/kv-error.js';
import type { KvOperation } from '../../src/kv/kv-store.js';
import { LevelStore } from '../../src/kv/level/level-store.js';
import { setFailpoints } from '../../src/util/failpoint.js';
import { noLimits, ProcessLimits } from '../process-limits.js';

const OPTIONS = {
  writeBufferSize: 1 << 20,
  blockCacheSize: 1 << 20,
  compression: false,
  maxOpenFiles: 100,
  syncedKey: Buffer.from('synced'),
  verification: null,
};
const KEYS = { gte: Buffer.from('key'), lt: Buffer.from('key~') };
const VALUE = Buffer.alloc(1000, 'v');

function batch(number: number): KvOperation[] {
  return Array.from({ length: 100 }, (_, i) => {
    const key = Buffer.from(`key${String(number * 100 + i).padStart(9, '0')}`);
    return { type: 'put', key, value: VALUE };
  });
}

t.test('no descriptor', { skip: noLimits, timeout: 60_000 }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'orbit-level-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const limits = new ProcessLimits(process.pid);
  t.teardown(() => limits.end());
  const store = await LevelStore.open(directory, OPTIONS);
  await store.write(batch(0), { sync: true });
  let written = 1;
  await limits.set('nofile', 3);
  let error: unknown = null;
  try {
    for (; ; written++) await store.write(batch(written));
  } catch (fault) {
    error = fault;
  }
  t.ok(error instanceof KvError && error.kind === 'crowded', String(error));
  t.equal(await store.resume(), false);
  await limits.set('nofile', 1024);
  t.equal(await store.resume(), true);
  await store.write(batch(written), { sync: true });
  t.equal((await store.range(KEYS)).length, (written + 1) * 100, 'nothing is missing, and nothing there by half');
  await store.close();
  const again = await LevelStore.open(directory, OPTIONS);
  t.equal((await again.range(KEYS)).length, (written + 1) * 100);
  await again.close();
});

t.test('whoever waits for a store that is not opened again fails when that is given up', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'orbit-level-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const store = await LevelStore.open(directory, OPTIONS);
  await store.write(batch(0));
  setFailpoints('store-reopen:EMFILE');
  t.teardown(() => setFailpoints(''));
  t.equal(await store.resume(), false);
  const read = store.range(KEYS);
  let isOver = false;
  void read
    .catch(() => undefined)
    .then(() => {
      isOver = true;
    });
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
  t.notOk(isOver, 'it waits');
  store.giveUp();
  await t.rejects(read, { name: 'KvError', kind: 'closed' });
  t.equal(await store.resume(), true);
  t.equal((await store.range(KEYS)).length, 100);
  await store.close();
});

t.test('a table file that no descriptor was there for is verified later', { skip: noLimits }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'orbit-level-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const first = await LevelStore.open(directory, OPTIONS);
  for (let number = 0; number < 30; number++) await first.write(batch(number));
  await first.close();
  const firstRange = { gte: OPTIONS.syncedKey, lt: Buffer.from('synced!') };
  // Once to have everything in tables with bounds, once to have them verified.
  const sorting = await LevelStore.open(directory, OPTIONS);
  await sorting.clear({ gte: Buffer.from('a'), lt: Buffer.from('b') });
  await sorting.close();
  const limits = new ProcessLimits(process.pid);
  t.teardown(() => limits.end());
  const store = await LevelStore.open(directory, { ...OPTIONS, verification: { atOnce: 0, firstRange } });
  await limits.set('nofile', 3);
  const faults: Error[] = [];
  const verified = store.verifyTables((error) => faults.push(error));
  const outcome = await store.range(KEYS).then(
    (found) => found.length,
    (error: unknown) => error,
  );
  await limits.set('nofile', 1024);
  await verified;
  t.same(faults, []);
  if (outcome !== 3000) t.match(outcome, { name: 'KvError', kind: 'crowded' });
  t.equal((await store.range(KEYS)).length, 3000);
  await store.close();
});

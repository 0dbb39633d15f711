/**
 * Locks are freed before their commit is durable. Whoever gets one then sees that commit, as if it had waited for the
 * disk, and has nothing to say of it to anybody before it is durable; who needs no lock does not see it yet.
 */
import t, { type Test } from 'tap';
import type { Heap, Index, IsolationLevel, LockGroup, Store, Transaction } from '../../src/storage/api.js';
import { openPersistentStore } from '../../src/storage/open-store.js';
import { allRows, inTransaction, run, testSettings } from './support.js';
import { JSON_FORM, TestDisk, TestKv, TestWal } from './test-disk.js';

const KEY = 'key';
const OBJECT = 'object';
const TABLE = 50_000;

/** A store with a row to be locked, and a commit that has put a second row beside it and is on its way to the disk. */
class Scene {
  private constructor(
    readonly store: Store,
    readonly heap: Heap,
    readonly index: Index,
    readonly other: LockGroup,
    /** Resolves with the flush, which comes in a turn of the event loop. */
    readonly durable: Promise<void>,
  ) {}

  /** `lock`: what the writer holds until its commit, besides its new row. */
  static async make(t: Test, lock: (tx: Transaction, heap: Heap) => Promise<unknown>): Promise<Scene> {
    const disk = new TestDisk();
    const store = await openPersistentStore(testSettings({ provider: 'level' }), {
      kv: new TestKv(disk),
      wal: new TestWal(disk),
      form: JSON_FORM,
    });
    t.teardown(() => store.close());
    const [heap, index] = await inTransaction(store, (tx) => {
      const heap = store.heap(store.create(tx, 'heap'), { columns: 1 });
      heap.insert(tx, ['locked']);
      return [heap, store.index(store.create(tx, 'index'))];
    });
    const writer = store.begin('read committed');
    await lock(writer, heap);
    index.insert(writer, KEY, heap.insert(writer, ['new']));
    await run(index.checkUnique(writer, heap, KEY, keyOf, 2));
    return new Scene(store, heap, index, store.lockGroup(7), run(writer.commit({ synchronous: true })));
  }

  begin(level: IsolationLevel): Transaction {
    return this.store.begin(level, { group: this.other });
  }

  async seen(tx: Transaction): Promise<unknown[]> {
    const snapshot = tx.snapshot();
    const rows = await allRows(this.heap, snapshot);
    tx.releaseSnapshot(snapshot);
    return [...rows.values()].map(([text]) => text);
  }
}

const keyOf = (row: readonly unknown[]): string | null => (row[0] === 'new' ? KEY : null);

const lockRow = (tx: Transaction, heap: Heap): Promise<unknown> =>
  run(heap.lockRow(tx, tx.latest(), 1, 'update', 'wait'));

/** Ways to come after the writer. */
const LOCKS: Readonly<Record<string, (scene: Scene, tx: Transaction) => Promise<unknown>>> = {
  'a row, unchanged': ({ heap }, tx) => lockRow(tx, heap),
  'an object': (_, tx) => run(tx.lockObject(OBJECT, true, 'wait')),
  'an object, by its session': ({ store, other }) => run(store.sessionLocks(other).lock(OBJECT, true, 'wait')),
  'a table': (_, tx) => run(tx.lockTable(TABLE, 'ShareRowExclusiveLock', 'wait')),
  'a table, at once': async (_, tx) => tx.tryLockTable(TABLE, 'ShareUpdateExclusiveLock'),
  'a unique key': ({ index, heap }, tx) => run(index.checkUnique(tx, heap, KEY, keyOf, 0)),
};

for (const [what, lock] of Object.entries(LOCKS)) {
  t.test(`who has locked ${what}`, async (t) => {
    for (const level of ['read committed', 'repeatable read', 'serializable'] as const) {
      const scene = await Scene.make(t, lockRow);
      const tx = scene.begin(level);
      await lock(scene, tx);
      t.same(await scene.seen(tx), ['locked', 'new'], `${level}: sees what was committed before`);
      t.not(scene.store.beforeTelling(scene.other), null, 'which is not to be told yet');
      let ended = false;
      const end = run(tx.commit({ synchronous: true })).then(() => {
        ended = true;
      });
      // As many microtasks as anything may take that needs no disk.
      for (let i = 0; i < 100; i++) await null;
      t.notOk(ended, 'its commit is not answered');
      await scene.durable;
      await end;
      t.ok(ended, 'before that is durable');
      t.equal(scene.store.beforeTelling(scene.other), null, 'it may be told now');
    }
  });
}

t.test('who waits for a table that somebody else has to itself', async (t) => {
  const scene = await Scene.make(t, async () => undefined);
  await scene.durable;
  const writer = scene.store.begin('read committed');
  await run(writer.lockTable(TABLE, 'AccessExclusiveLock', 'wait'));
  const tx = scene.begin('read committed');
  const locked = run(tx.lockTable(TABLE, 'AccessShareLock', 'wait'));
  scene.heap.insert(writer, ['newest']);
  const durable = run(writer.commit({ synchronous: true }));
  await locked;
  t.same(await scene.seen(tx), ['locked', 'new', 'newest']);
  tx.rollback();
  await durable;
});

t.test('who has locked nothing', async (t) => {
  const scene = await Scene.make(t, lockRow);
  const tx = scene.begin('read committed');
  t.ok(tx.tryLockTable(TABLE, 'RowExclusiveLock'));
  t.same(await scene.seen(tx), ['locked'], 'does not see it');
  t.equal(scene.store.beforeTelling(scene.other), null, 'and may tell what it sees');
  t.ok(tx.tryCommit(), 'and ends at once');
  await scene.durable;
  t.same(await scene.seen(scene.begin('read committed')), ['locked', 'new'], 'until it is durable');
});

t.test('changes of catalogs, which everybody sees at once', async (t) => {
  const scene = await Scene.make(t, async () => undefined);
  await scene.durable;
  const writer = scene.store.begin('read committed');
  scene.heap.insert(writer, ['a row of a catalog']);
  writer.onCommit(() => undefined);
  const durable = run(writer.commit({ synchronous: true }));
  while (writer.state === 'active') await null;
  const wait = scene.store.beforeTelling(scene.other);
  t.not(wait, null, 'are not to be told of yet');
  await new Promise<void>((resolve) => (wait === null ? resolve() : wait.subscribe(resolve)));
  t.equal(scene.store.beforeTelling(scene.other), null);
  await durable;
});

/** What every KvStore must do. Each implementation's test runs this suite over its own stores. */
import fc from 'fast-check';
import type { Test } from 'tap';
import { KvError } from '../../src/kv/kv-error.js';
import type { KvOperation, KvRange, KvStore } from '../../src/kv/kv-store.js';

const LOW = Buffer.alloc(0);
const HIGH = Buffer.alloc(20, 0xff);

function put(key: string | Buffer, value: string): KvOperation {
  return { type: 'put', key: Buffer.from(key), value: Buffer.from(value) };
}

function del(key: string): KvOperation {
  return { type: 'del', key: Buffer.from(key) };
}

function show(entries: [Buffer, Buffer][]): string[] {
  return entries.map(([key, value]) => `${key.toString('latin1')}=${value.toString('latin1')}`);
}

async function collect(chunks: AsyncIterable<[Buffer, Buffer][]>): Promise<[Buffer, Buffer][]> {
  const all: [Buffer, Buffer][] = [];
  for await (const chunk of chunks) all.push(...chunk);
  return all;
}

/** `open` gives an empty store each time. */
export function testKvStore(t: Test, open: () => Promise<KvStore>): void {
  const withStore = async (work: (store: KvStore) => Promise<void>): Promise<void> => {
    const store = await open();
    try {
      await work(store);
    } finally {
      await store.close();
    }
  };

  t.test('reads what was written last', (t) =>
    withStore(async (store) => {
      t.equal(store.getSync(Buffer.from('a')), undefined);
      await store.write([put('a', '1'), put('b', '2'), put('a', '3'), put('c', ''), put('d', '4'), del('d'), del('x')]);
      t.same(store.getSync(Buffer.from('a')), Buffer.from('3'));
      t.same(store.getSync(Buffer.from('c')), Buffer.alloc(0));
      t.equal(store.getSync(Buffer.from('d')), undefined);
      await store.write([del('a')], { sync: true });
      t.equal(store.getSync(Buffer.from('a')), undefined);
      await store.write([]);
    }),
  );

  t.test('keeps no hold of the buffers of a write', (t) =>
    withStore(async (store) => {
      const key = Buffer.from('key');
      const value = Buffer.from('value');
      await store.write([{ type: 'put', key, value }]);
      key.fill(0);
      value.fill(0);
      t.same(store.getSync(Buffer.from('key')), Buffer.from('value'));
    }),
  );

  t.test('ranges: bounds, direction, limit', (t) =>
    withStore(async (store) => {
      await store.write([...'fbdace'].map((key) => put(key, key.toUpperCase())));
      const range = async (gte: string, lt: string, rest: Partial<KvRange> = {}) =>
        show(await store.range({ gte: Buffer.from(gte), lt: Buffer.from(lt), ...rest }));
      t.same(await range('b', 'e'), ['b=B', 'c=C', 'd=D']);
      t.same(await range('b', 'e', { reverse: true }), ['d=D', 'c=C', 'b=B']);
      t.same(await range('b', 'e', { limit: 2 }), ['b=B', 'c=C']);
      t.same(await range('b', 'e', { limit: 2, reverse: true }), ['d=D', 'c=C']);
      t.same(await range('b', 'e', { limit: 0 }), []);
      t.same(await range('e', 'b'), []);
      t.same(await range('x', 'z'), []);
      t.same(await range('bb', 'dd'), ['c=C', 'd=D']);
      t.equal((await store.range({ gte: LOW, lt: HIGH })).length, 6);
    }),
  );

  t.test('keys order as unsigned bytes, a prefix first', (t) =>
    withStore(async (store) => {
      const keys = ['ff', '00', '7f', '80', '0000', '8000', '7fff', '00ff', 'ffff'].map((hex) =>
        Buffer.from(hex, 'hex'),
      );
      await store.write(keys.map((key) => put(key, 'v')));
      const sorted = [...keys].sort(Buffer.compare);
      t.same(
        (await store.range({ gte: LOW, lt: HIGH })).map(([key]) => key),
        sorted,
      );
    }),
  );

  t.test('a scan sees one point in time, in chunks', (t) =>
    withStore(async (store) => {
      const name = (i: number) => String(i).padStart(5, '0');
      await store.write(Array.from({ length: 2500 }, (_, i) => put(name(i), 'old')));
      const seen: [Buffer, Buffer][] = [];
      let chunks = 0;
      for await (const chunk of store.scan({ gte: LOW, lt: HIGH }, 100)) {
        t.ok(chunk.length > 0 && chunk.length <= 100);
        seen.push(...chunk);
        if (chunks++ === 0) await store.write([put(name(2400), 'new'), del(name(2401)), put('03000', 'new')]);
      }
      t.equal(seen.length, 2500);
      t.ok(seen.every(([key, value], i) => key.toString() === name(i) && value.toString() === 'old'));
      t.same(store.getSync(Buffer.from(name(2400))), Buffer.from('new'));
      for await (const chunk of store.scan({ gte: LOW, lt: HIGH }, 10)) {
        t.equal(chunk.length, 10);
        break;
      }
    }),
  );

  t.test('large values come back whole', (t) =>
    withStore(async (store) => {
      const values = [1 << 20, 3 << 20, 10].map((length, i) => Buffer.alloc(length, i + 1));
      await store.write(values.map((value, i) => ({ type: 'put', key: Buffer.from([i]), value })));
      const found = await store.range({ gte: LOW, lt: HIGH });
      t.same(
        found.map(([, value]) => value.length),
        [1 << 20, 3 << 20, 10],
      );
      t.ok(found.every(([, value], i) => value.equals(values[i])));
    }),
  );

  t.test('clear removes its range only', (t) =>
    withStore(async (store) => {
      await store.write([...'abcdef'].map((key) => put(key, key)));
      await store.clear({ gte: Buffer.from('b'), lt: Buffer.from('e') });
      t.same(show(await store.range({ gte: LOW, lt: HIGH })), ['a=a', 'e=e', 'f=f']);
      await store.write([put('c', 'again')], { sync: true });
      t.same(store.getSync(Buffer.from('c')), Buffer.from('again'));
      t.ok((await store.approximateSize(LOW, HIGH)) >= 0);
    }),
  );

  t.test('behaves as a sorted list does', (t) =>
    withStore(async (store) => {
      const key = fc.uint8Array({ minLength: 1, maxLength: 3, max: 4 }).map((bytes) => Buffer.from(bytes));
      const operation = fc.oneof(
        fc.record({ type: fc.constant('put' as const), key, value: key }),
        fc.record({ type: fc.constant('del' as const), key }),
      );
      const bounds = fc.record({ gte: key, lt: key, reverse: fc.boolean(), limit: fc.nat(5) });
      const property = fc.asyncProperty(fc.array(operation), bounds, async (operations, range) => {
        await store.clear({ gte: LOW, lt: HIGH });
        await store.write(operations);
        const model = new Map<string, string>();
        for (const one of operations) {
          if (one.type === 'put') model.set(one.key.toString('latin1'), one.value.toString('latin1'));
          else model.delete(one.key.toString('latin1'));
        }
        const [low, high] = [range.gte.toString('latin1'), range.lt.toString('latin1')];
        const expected = [...model].filter(([k]) => k >= low && k < high).sort(([a], [b]) => (a < b ? -1 : 1));
        if (range.reverse) expected.reverse();
        const wanted = expected.slice(0, range.limit).map(([k, v]) => `${k}=${v}`);
        t.same(show(await store.range(range)), wanted);
        t.same(show(await collect(store.scan(range, 2))), wanted);
      });
      await fc.assert(property, { numRuns: 60 });
    }),
  );

  t.test('a closed store says so', async (t) => {
    const store = await open();
    await store.close();
    t.throws(() => store.getSync(Buffer.from('a')), { name: 'KvError', kind: 'closed' });
    const closed = (error: unknown) => error instanceof KvError && error.kind === 'closed';
    for (const attempt of [
      () => store.write([put('a', 'b')]),
      () => store.range({ gte: LOW, lt: HIGH }),
      () => store.clear({ gte: LOW, lt: HIGH }),
      () => store.approximateSize(LOW, HIGH),
    ]) {
      await attempt().then(
        () => t.fail('a closed store has worked'),
        (error: unknown) => t.ok(closed(error), String(error)),
      );
    }
  });
}

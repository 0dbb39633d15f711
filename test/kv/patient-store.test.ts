/** Reads of background work outlast a lack of descriptors; those that somebody waits for do not. */
import t from 'tap';
import { KvError } from '../../src/kv/kv-error.js';
import { MemoryStore } from '../../src/kv/memory/memory-store.js';
import { PatientStore } from '../../src/kv/patient-store.js';

const KEY = Buffer.from('key');
const RANGE = { gte: KEY, lt: Buffer.from('key~') };

/** Its next reads meet a fault. */
class CrowdedStore extends MemoryStore {
  faults: KvError['kind'][] = [];

  override async range(...args: Parameters<MemoryStore['range']>): ReturnType<MemoryStore['range']> {
    const kind = this.faults.shift();
    if (kind !== undefined) throw new KvError(kind, kind);
    return super.range(...args);
  }
}

async function stores() {
  const kv = new CrowdedStore();
  await kv.write([{ type: 'put', key: KEY, value: Buffer.from('value') }]);
  const patient = new PatientStore(kv, 'store');
  return { kv, patient };
}

t.test('reads in the background wait', async (t) => {
  const { kv, patient } = await stores();
  patient.start();
  let told = 0;
  patient.onShortage = () => told++;
  kv.faults = ['crowded', 'crowded'];
  const reading = patient.reads.range(RANGE);
  await new Promise((resolve) => setImmediate(resolve));
  t.same(patient.shortage, { of: 'descriptors', file: 'store' }, 'nobody should begin anything meanwhile');
  t.equal((await reading).length, 1);
  t.equal(told, 2);
  t.equal(patient.shortage, null);
});

t.test('who would not be served by waiting is told', async (t) => {
  const { kv, patient } = await stores();
  kv.faults = ['crowded'];
  await t.rejects(patient.reads.range(RANGE), { name: 'KvError', message: 'crowded' }, 'at the start');
  patient.start();
  kv.faults = ['crowded'];
  await t.rejects(patient.range(RANGE), { name: 'KvError', message: 'crowded' }, 'a client');
  kv.faults = ['corrupt'];
  await t.rejects(patient.reads.range(RANGE), { name: 'KvError', message: 'corrupt' }, 'another fault');
  patient.stopWaiting();
  kv.faults = ['crowded'];
  await t.rejects(patient.reads.range(RANGE), { name: 'KvError', message: 'crowded' }, 'at the end');
});

/** Faults that come from a shortage, and work that outlasts one. */
import t from 'tap';
import { sqlError } from '../../src/errors/sql-error.js';
import { KvError } from '../../src/kv/kv-error.js';
import { isShortage, outlastCrowding } from '../../src/storage/shortage-fault.js';
import { WalError } from '../../src/wal/wal.js';

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

t.test('which faults lose nothing', async (t) => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG', 'EMFILE', 'ENFILE']) {
    t.ok(isShortage(systemError(code)), code);
    t.ok(isShortage(new WalError('no', true, { cause: systemError(code) })), `${code} of the log`);
  }
  for (const kind of ['full', 'crowded'] as const) t.ok(isShortage(new KvError(kind, 'no')), kind);
  for (const other of [systemError('EIO'), new KvError('io', 'no'), new Error('no'), 'ENOSPC', null])
    t.notOk(isShortage(other), String(other));
  // A sync that finds no space may have lost something.
  t.notOk(isShortage(new KvError('io', 'no', { cause: systemError('ENOSPC') })));
});

t.test('reading again when there was no descriptor', async (t) => {
  let reads = 0;
  const read = async (): Promise<string> => {
    if (++reads < 3) throw sqlError('insufficient_resources', 'could not read');
    return 'read';
  };
  t.equal(await outlastCrowding(read, () => false), 'read');
  t.equal(reads, 3);
  const refuse = async (): Promise<never> => {
    throw sqlError('insufficient_resources', 'could not read');
  };
  await t.rejects(
    outlastCrowding(refuse, () => true),
    { code: '53000' },
  );
  const broken = async (): Promise<never> => {
    throw sqlError('data_corrupted', 'broken');
  };
  await t.rejects(
    outlastCrowding(broken, () => false),
    { code: 'XX001' },
  );
});

/** What is asked of a log that ends before it is on disk. */
import t from 'tap';
import { binaryForm } from '../../src/storage/binary-form.js';
import type { WriteAheadLog } from '../../src/storage/stored-form.js';
import { WalLog } from '../../src/storage/wal-log.js';

t.test('stored parts are not waited for when the log has failed', async (t) => {
  const listeners: ((error: Error) => void)[] = [];
  const wal: WriteAheadLog = {
    appendedLsn: 100,
    appendedRecords: 1,
    flushedLsn: 50,
    shortage: null,
    append: () => 100,
    stopWaiting: () => undefined,
    onFlush: () => undefined,
    onFailure: (listener) => listeners.push(listener),
    async *readFrom() {
      t.fail('nothing is read');
    },
    recycle: () => undefined,
    close: async () => undefined,
  };
  const log = new WalLog(wal, binaryForm);
  const read = (async () => {
    for await (const part of log.readStored([60])) t.fail(`part at ${part.lsn}`);
  })();
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const listener of listeners) listener(new Error('no space'));
  await t.rejects(read, { message: 'no space' });
});

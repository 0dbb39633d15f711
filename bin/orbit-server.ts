#!/usr/bin/env node
/** The executable. The heap is set up before the rest is loaded, and loading it takes many files at once. */
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
const { main } = await import('../src/server/command-line.js');
await main();

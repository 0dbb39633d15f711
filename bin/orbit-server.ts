#!/usr/bin/env node
/** The executable. The heap is set up before the rest is loaded. */
import { tuneHeap } from '../src/server/heap-settings.js';

tuneHeap();
const { main } = await import('../src/server/command-line.js');
await main();

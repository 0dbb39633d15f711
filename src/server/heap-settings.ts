/** Settings of the JavaScript heap that suit a server. */
import { setFlagsFromString } from 'node:v8';

/**
 * The young generation keeps at least this many MiB for new objects, twice. V8 begins with 1 MiB and grows it late: rows of
 * a statement that are needed for some milliseconds then outlive it, are moved to the old generation, and keep alive
 * there what they point to. A load of 1,000,000 rows spent half of its time in the collector.
 */
const YOUNG_MIB = 16;

/** For threads that are started from now on: on this one V8 has read it before our code runs (docs/performance.md). */
export function tuneHeap(): void {
  setFlagsFromString(`--min-semi-space-size=${YOUNG_MIB}`);
}

/**
 * The wall clock can be set back. So it is only shown and recorded; intervals come from timers and the monotonic clock.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

/** Who reads the wall clock, and what for. */
const READERS: Readonly<Record<string, string>> = {
  'session/cluster.ts': 'pg_postmaster_start_time',
  'session/session-types.ts': 'now() and its family',
  'sql/functions/extensions/uuid-functions.ts': 'UUIDs of version 1 have the time in them',
  'storage/lock-wait.ts': 'pg_locks.waitstart',
  'wal/wal.ts': 'the time of a log record, for people',
};

t.test('the wall clock measures nothing', async (t) => {
  const found = readdirSync('src', { recursive: true })
    .map(String)
    .filter(
      (name) => name.endsWith('.ts') && /Date\.now\(\)|new Date\(\)/.test(readFileSync(join('src', name), 'utf8')),
    );
  t.same(found.sort(), Object.keys(READERS).sort());
});

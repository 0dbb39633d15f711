/** pg_snapshot: which transactions a snapshot sees, and what is running now. */
import {
  contextFunctions,
  type FunctionFamily,
  joinFamilies,
  plainFunctions,
  setFunctions,
} from '../../sql/functions/registry.js';
import { type Datum, normalizeInt8 } from '../../types/datum.js';
import { snapshotParts, snapshotText } from '../../types/numbers/snapshot-codec.js';
import { sessionOf } from './session-of.js';

export const snapshotFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    pg_snapshot_xmin: (snapshot: string) => normalizeInt8(snapshotParts(snapshot).xmin),
    pg_snapshot_xmax: (snapshot: string) => normalizeInt8(snapshotParts(snapshot).xmax),
    pg_visible_in_snapshot: (xid: number | bigint, snapshot: string) => {
      const { xmin, xmax, running } = snapshotParts(snapshot);
      const id = BigInt(xid);
      return id < xmin || (id < xmax && !running.includes(id));
    },
  }),
  setFunctions({
    pg_snapshot_xip: (_cx, snapshot: string): Datum[] => snapshotParts(snapshot).running.map(normalizeInt8),
  }),
  contextFunctions({
    pg_current_snapshot: (cx) => {
      const environment = sessionOf(cx);
      // Behind the newest transaction that has ended.
      let xmax = BigInt(environment.store.upcomingXid);
      const running = [...environment.sessions.values()]
        .flatMap(({ block }) => (block.current === null || block.current.xid === 0 ? [] : [BigInt(block.current.xid)]))
        .sort((a, b) => (a < b ? -1 : 1));
      for (let i = running.length - 1; i >= 0 && running[i] === xmax - 1n; i--) xmax--;
      const own = BigInt(environment.transaction.xid);
      return snapshotText({
        xmin: running[0] ?? xmax,
        xmax,
        running: running.filter((xid) => xid !== own && xid < xmax),
      });
    },
  }),
);

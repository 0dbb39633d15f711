/** The frame of a window: `ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES`. */
import type { Node, WindowDef } from '@pgsql/types';
import { FRAME } from '../binder/bind-window.js';

/** Null for the default frame. */
export function frameText(window: WindowDef, expression: (node: Node) => string): string | null {
  const options = window.frameOptions ?? 0;
  const has = (bit: number): boolean => (options & bit) !== 0;
  if (!has(FRAME.nondefault)) return null;
  const offset = (node: Node | undefined): string => (node === undefined ? '' : expression(node));
  const start = bound(
    has(FRAME.startUnboundedPreceding),
    has(FRAME.startUnboundedFollowing),
    has(FRAME.startCurrentRow),
    has(FRAME.startOffsetPreceding),
    offset(window.startOffset),
  );
  const end = bound(
    has(FRAME.endUnboundedPreceding),
    has(FRAME.endUnboundedFollowing),
    has(FRAME.endCurrentRow),
    has(FRAME.endOffsetPreceding),
    offset(window.endOffset),
  );
  const mode = has(FRAME.rows) ? 'ROWS' : has(FRAME.groups) ? 'GROUPS' : 'RANGE';
  const extent = has(FRAME.between) ? `BETWEEN ${start} AND ${end}` : start;
  return `${mode} ${extent}${exclusion(has)}`;
}

function bound(
  unboundedPreceding: boolean,
  unboundedFollowing: boolean,
  currentRow: boolean,
  preceding: boolean,
  offset: string,
): string {
  if (unboundedPreceding) return 'UNBOUNDED PRECEDING';
  if (unboundedFollowing) return 'UNBOUNDED FOLLOWING';
  if (currentRow) return 'CURRENT ROW';
  return `${offset} ${preceding ? 'PRECEDING' : 'FOLLOWING'}`;
}

function exclusion(has: (bit: number) => boolean): string {
  if (has(FRAME.excludeCurrentRow)) return ' EXCLUDE CURRENT ROW';
  if (has(FRAME.excludeGroup)) return ' EXCLUDE GROUP';
  return has(FRAME.excludeTies) ? ' EXCLUDE TIES' : '';
}

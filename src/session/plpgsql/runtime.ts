/**
 * What a session's calls of PL/pgSQL share: its functions, casts, the calls that are running, and whether anything that
 * compiled expressions depend on has changed.
 */

import type { ExecContext } from '../../exec/exec-context.js';
import { constantFolder, standaloneContext } from '../../exec/standalone-expression.js';
import type { RecordField } from '../../sql/plan/expression.js';
import type { Fragment } from '../../sql/plpgsql/syntax.js';
import type { PgRecord } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import type { Session } from '../session.js';
import { Casts } from './casts.js';
import type { Frame } from './frame.js';
import { PlQuery, type QueryScan } from './query.js';
import { recordShape } from './records.js';
import { contextLine } from './sql-context.js';

/** Longest stretch of work before others have their turn, in milliseconds. */
const SLICE_MS = 2;
/** Statements of EXECUTE whose plans are kept. */
const MAX_DYNAMIC = 64;

export class PlRuntime {
  /** Grows whenever the catalog, a setting that plans depend on, or the role has changed. */
  epoch = 0;
  catalogVersion = -1;
  /** Turns of loops and calls, to know when to look at the clock. */
  turns = 0;
  private settingsVersion = -1;
  private role = 0;
  private sliceEnd = 0;
  readonly casts: Casts;
  /** For expressions that neither wait nor call other functions. */
  readonly cx: ExecContext;
  readonly fold: ReturnType<typeof constantFolder>;
  /** The calls that are running, innermost last. */
  readonly frames: Frame[] = [];
  /** Queries of loops that are open. */
  readonly scans = new Set<QueryScan>();
  private readonly dynamic = new Map<string, PlQuery>();

  constructor(readonly session: Session) {
    this.casts = new Casts(this);
    this.cx = standaloneContext(session.environment);
    this.fold = constantFolder(session.environment);
  }

  /** To be called where others may have changed something: at the beginning of a call, and after statements. */
  refresh(): void {
    const { environment, settings } = this.session;
    const { version } = environment.catalog;
    const role = environment.currentRole;
    if (version === this.catalogVersion && settings.version === this.settingsVersion && role === this.role) return;
    this.catalogVersion = version;
    this.settingsVersion = settings.version;
    this.role = role;
    this.epoch++;
  }

  /** The compiled expressions belong to the transaction that runs now. */
  begin(): void {
    const transaction = this.session.block.ensure();
    this.cx.begin(transaction, transaction.latest(), this.cx.params);
    this.startSlice();
  }

  /** The context of a message that is made now, or that of the calls around `inner`; undefined outside of calls. */
  contextText(inner?: Frame): string | undefined {
    const frames = inner === undefined ? [...this.frames] : this.frames.slice(0, this.frames.indexOf(inner));
    if (frames.length === 0) return undefined;
    return frames
      .reverse()
      .flatMap((frame) => (frame.sql === null ? [frame.describe()] : [contextLine(frame.sql), frame.describe()]))
      .join('\n');
  }

  /** A statement of EXECUTE, whose plan is kept for the next one of the same text. */
  dynamicQuery(fragment: Fragment, types: readonly number[]): PlQuery {
    const key = `${types.join()} ${fragment.text}`;
    const known = this.dynamic.get(key) ?? new PlQuery(this, fragment, null, types);
    this.dynamic.delete(key);
    this.dynamic.set(key, known);
    if (this.dynamic.size > MAX_DYNAMIC)
      for (const oldest of this.dynamic.keys()) {
        this.dynamic.delete(oldest);
        break;
      }
    return known;
  }

  /** The transaction is about to end: loops over queries go on with the rows that they are yet to give. */
  *holdScans(): Task<void> {
    for (const scan of [...this.scans]) yield* scan.hold();
  }

  /** The fields of a record's value. */
  shapeOf(value: PgRecord): readonly RecordField[] {
    return recordShape(this, value);
  }

  startSlice(): void {
    this.sliceEnd = performance.now() + SLICE_MS;
  }

  /** Whether it is time to let others run. */
  get overdue(): boolean {
    return performance.now() > this.sliceEnd;
  }
}

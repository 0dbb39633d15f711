/** Portals for the cursors of functions: their queries are bound with the variables of the call that opens them. */
import { SqlError, sqlError } from '../../errors/sql-error.js';
import { BindContext } from '../../sql/binder/bind-context.js';
import { bindStatement, isPlannable } from '../../sql/binder/bind-statement.js';
import { parseSql } from '../../sql/parser/parse.js';
import type { Fragment } from '../../sql/plpgsql/syntax.js';
import type { Datum } from '../../types/datum.js';
import type { Task } from '../../util/task.js';
import { scrollOption } from '../cursor-statement.js';
import { fieldsOf } from '../message-fields.js';
import { planBound, planCursorIn } from '../planner.js';
import { Portal } from '../portal.js';
import { Prepared } from '../prepared.js';
import { lockPlanned } from '../run-planned.js';
import { openCursor } from '../run-portal.js';
import { notACursor, tagOf } from './dynamic-steps.js';
import type { Frame } from './frame.js';
import { inFragment } from './sql-context.js';
import { FrameNames } from './variable-names.js';

export interface PortalQuery {
  readonly fragment: Fragment;
  readonly params: readonly Datum[];
  /** Types of the parameters where they are no variables. */
  readonly types: readonly number[] | null;
}

/** Opens a portal; without a name it gets one. `hold`: it may outlive a COMMIT of the function. @throws SqlError 42P11 */
export function* openPortal(
  frame: Frame,
  name: string | null,
  query: PortalQuery,
  scroll: boolean | null,
  hold: boolean,
): Task<Portal> {
  const { fragment } = query;
  try {
    const { session } = frame.fn.runtime;
    const prepared = preparedFor(frame, query);
    frame.owned = null;
    session.block.ensure().nextCommand();
    const planned = yield* lockPlanned(session, prepared);
    if (planned.fields === null) throw notACursor(planned.command.toUpperCase());
    const options = {
      hold,
      binary: false,
      scroll: scrollOption(scroll === null ? {} : { scroll }, planned),
    };
    const formats = planned.fields.map((): 0 => 0);
    const portal = new Portal(session, prepared, query.params, fieldsOf(prepared), formats, options);
    // Other statements are run when rows are first asked for.
    if (portal.isQuery) yield* openCursor(session, portal, session.resultSink);
    session.portals.add(name ?? session.portals.unusedName(), portal, session.block.depth);
    return portal;
  } catch (error) {
    throw error instanceof SqlError && error.condition === 'invalid_cursor_definition'
      ? error
      : inFragment(error, fragment);
  }
}

function preparedFor(frame: Frame, { fragment, types }: PortalQuery): Prepared {
  const { environment } = frame.fn.runtime.session;
  const { text } = fragment;
  const parsed = parseSql(text);
  if (parsed.length !== 1) throw sqlError('invalid_cursor_definition', 'cannot open multi-query plan as cursor');
  const [{ node }] = parsed;
  if (!isPlannable(node)) throw notACursor(tagOf(node));
  const declared = types ?? frame.fn.tree.variables.map(({ type }) => type.oid);
  const prepared = new Prepared(
    '',
    text,
    { node, start: 0, text },
    declared,
    environment.types.statementTimestamp,
    false,
    true,
    'SelectStmt' in node,
  );
  if (types === null) {
    prepared.planWith = () => {
      const cx = new BindContext(environment, text, declared, false);
      cx.variables = new FrameNames(frame, fragment.names);
      return prepared.forCursor
        ? planCursorIn(environment, cx, node)
        : planBound(environment, cx, bindStatement(cx, node));
    };
  }
  return prepared;
}

/** What statements a relation or column can be written with: pg_relation_is_updatable, pg_column_is_updatable. */
import { SqlError } from '../../errors/sql-error.js';
import { BindContext } from '../../sql/binder/bind-context.js';
import { type UpdatableView, updatableView } from '../../sql/binder/updatable-view.js';
import { contextFunctions } from '../../sql/functions/registry.js';
import type { SessionEnvironment } from '../session-environment.js';
import { sessionOf } from './session-of.js';

/** The bits of the answer. */
const UPDATE = 4;
const INSERT = 8;
const DELETE = 16;

/** Null when rows cannot be written through the view. */
function writableView(session: SessionEnvironment, relation: number): UpdatableView | null {
  const view = session.catalog.relation(relation);
  if (view?.kind !== 'v') return null;
  try {
    return updatableView(new BindContext(session, ''), view, 'delete from');
  } catch (error) {
    if (error instanceof SqlError) return null;
    throw error;
  }
}

export const updatableFunctions = contextFunctions({
  pg_relation_is_updatable: (cx, relation: number) => {
    const session = sessionOf(cx);
    if (session.catalog.relation(relation)?.kind === 'r') return UPDATE | INSERT | DELETE;
    const view = writableView(session, relation);
    if (view === null) return 0;
    return view.columns.some(({ attribute }) => attribute > 0) ? UPDATE | INSERT | DELETE : DELETE;
  },
  pg_column_is_updatable: (cx, relation: number, number: number) => {
    const session = sessionOf(cx);
    if (session.catalog.relation(relation)?.kind === 'r') return number > 0;
    const column = writableView(session, relation)?.columns[number - 1];
    return column !== undefined && column.attribute > 0;
  },
});

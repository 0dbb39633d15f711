/**
 * Simple queries whose literals are parameters of a shared plan, so that texts which differ only in them are parsed and
 * planned once. `lift-literals.ts` scans the text; here its plan is found or made.
 */
import { SqlError } from '../errors/sql-error.js';
import { parseSql } from '../sql/parser/parse.js';
import type { Datum } from '../types/datum.js';
import { INT4 } from '../types/oids.js';
import { type LiftedQuery, liftLiterals } from './lift-literals.js';
import { ensurePlanned } from './plan-prepared.js';
import { Prepared } from './prepared.js';
import type { Session } from './session.js';
import { currentTimestamp } from './session-types.js';
import type { CachedStatement } from './statement-cache.js';

/** The shared plan of a text whose literals are parameters; null when there is none, or when a value does not fit it. */
export function liftedStatement(session: Session, sql: string): CachedStatement | null {
  if (session.block.isBroken) return null;
  const lifted = liftLiterals(sql);
  if (lifted === null || session.cache.refuses(lifted.key)) return null;
  const wasIdle = session.block.current === null;
  try {
    const prepared = session.cache.shared(lifted.key) ?? prepareLifted(session, lifted);
    if (prepared === null) return null;
    ensurePlanned(session, prepared);
    const cx = session.environment.types;
    const params = lifted.values.map((value, i): Datum => {
      const type = prepared.parameterTypes[i];
      return typeof value === 'number' && type === INT4 ? value : cx.codec(type).parse(String(value), cx, -1);
    });
    return { prepared, params };
  } catch (error) {
    // The statement as it was written will fail in the same way, and tell the right position.
    if (!(error instanceof SqlError)) throw error;
    if (wasIdle) session.block.rollbackNow();
    return null;
  }
}

function prepareLifted(session: Session, lifted: LiftedQuery): Prepared | null {
  const statements = parseSql(lifted.text);
  const prepared = new Prepared('', lifted.text, statements[0] ?? null, lifted.types, currentTimestamp(), false);
  ensurePlanned(session, prepared);
  if (statements.length !== 1 || hasPartialIndex(session, prepared)) {
    session.cache.refuse(lifted.key);
    return null;
  }
  session.cache.share(lifted.key, prepared);
  return prepared;
}

/** A partial index is used only when the query says its condition with the same literals. */
function hasPartialIndex(session: Session, prepared: Prepared): boolean {
  return (prepared.planned?.relations ?? []).some((use) =>
    session.environment.catalog.relation(use.oid)?.indexes.some((index) => index.predicateText !== null),
  );
}

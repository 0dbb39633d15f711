/** What pg_stat_progress_copy shows of a COPY. */
import { COPY_PROGRESS, type Progress } from '../exec/progress.js';
import type { Session } from './session.js';

const FROM = 1;
const TO = 2;
const PIPE = 3;

/** `relation`: 0 for a query. Data always come from the client, and go there. */
export function copyProgress(session: Session, direction: 'from' | 'to', relation: number): Progress {
  const progress = session.environment.reportProgress('COPY', relation);
  progress.values[COPY_PROGRESS.command] = direction === 'from' ? FROM : TO;
  progress.values[COPY_PROGRESS.type] = PIPE;
  return progress;
}

import type { CopyStmt } from '@pgsql/types';
import { notSupported } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { ResultSink } from './result-sink.js';
import type { Session } from './session.js';
export function* runCopy(_session: Session, _text: string, _statement: CopyStmt, _sink: ResultSink): Task<string> { throw notSupported('COPY'); }

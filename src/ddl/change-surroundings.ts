/** What the change of one object's access control list needs of the statement. */
import type { ChangeSurroundings } from '../catalog/ddl/change-privileges.js';
import { SQLSTATE } from '../errors/sqlstate.js';
import type { DdlContext } from './ddl-context.js';

/** `denied` is the error of users without any privilege on it. */
export function changeSurroundings(cx: DdlContext, denied: () => Error): ChangeSurroundings {
  return {
    writer: cx.writer,
    view: cx.view(),
    role: cx.role,
    warn: (message, condition) => cx.notice('WARNING', message, { code: SQLSTATE[condition] }),
    denied,
  };
}

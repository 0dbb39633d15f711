/** plpgsql.extra_warnings and plpgsql.extra_errors: what is looked at beyond what the language asks for. */
import type { ExtraCheck } from '../../sql/plpgsql/function-parser.js';
import { extraCheckIn } from '../../sql/plpgsql/read-function.js';
import type { Frame } from './frame.js';

/** What a check that finds something gives; null: it is not made. */
export function extraCheck(frame: Frame, check: ExtraCheck): 'error' | 'warning' | null {
  const { settings } = frame.fn.runtime.session;
  return extraCheckIn((name) => settings.get(name), check);
}

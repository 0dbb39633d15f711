/** percentile_cont over intervals: low + portion * (high - low), through the interval functions of the registry. */
import { notSupported } from '../../errors/sql-error.js';
import type { Datum } from '../../types/datum.js';
import type { ExecServices } from '../exec-context.js';

export function interpolateInterval(services: ExecServices, low: Datum, high: Datum, portion: number): Datum {
  const call = (source: string, ...args: Datum[]): Datum => {
    const entry = services.functions.get(source);
    if (entry === undefined || entry.kind !== 'plain') throw notSupported(`function ${source}`);
    return entry.call(...args);
  };
  return call('interval_pl', call('interval_mul', call('interval_mi', high, low), portion), low);
}

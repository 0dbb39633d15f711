/** Surroundings of date and time types for tests: settings and a fixed clock, no catalog. */
import type { TypeCodec } from '../../../src/types/type-codec.js';
import type { TypeContext, TypeSettings } from '../../../src/types/type-context.js';
import type { GoldenSettings } from './datetime-type-golden.js';

export const DEFAULTS: GoldenSettings = {
  dateStyle: 'ISO',
  dateOrder: 'MDY',
  intervalStyle: 'postgres',
  timeZone: 'UTC',
};

/** `now` in microseconds since 2000-01-01 UTC. */
export function datetimeContext(settings: GoldenSettings = DEFAULTS, now = 0): TypeContext {
  const all: TypeSettings = { ...settings, extraFloatDigits: 1, byteaOutput: 'hex' };
  const none = (): never => {
    throw new Error('date and time types need no catalog');
  };
  return {
    settings: all,
    get catalog() {
      return none();
    },
    codec: (): TypeCodec => none(),
    transactionTimestamp: now,
    statementTimestamp: now,
  };
}

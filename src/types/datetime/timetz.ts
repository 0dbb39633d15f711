/** Values of `time with time zone`, their order and their hash key. */
import { USECS_PER_SEC } from './civil-calendar.js';

export class TimeTz {
  constructor(
    /** Local time of day in microseconds. */
    readonly microseconds: number,
    /** Seconds west of UTC. */
    readonly zone: number,
  ) {}

  /** Microseconds of the instant, counted from midnight UTC of an imagined day. */
  get instant(): number {
    return this.microseconds + this.zone * USECS_PER_SEC;
  }
}

/** By instant; equal instants by zone, so that only equal values are equal. */
export function compareTimeTz(a: TimeTz, b: TimeTz): number {
  return a.instant - b.instant || a.zone - b.zone;
}

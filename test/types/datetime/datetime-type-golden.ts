/** The shape of the golden file of date and time types, shared by its recorder and its tests. */
import type { DateOrder, DateStyle, IntervalStyle } from '../../../src/types/type-context.js';

export interface GoldenSettings {
  readonly dateStyle: DateStyle;
  readonly dateOrder: DateOrder;
  readonly intervalStyle: IntervalStyle;
  readonly timeZone: string;
}

/** Text and binary form (hexadecimal), or SQLSTATE, message and hint. */
export type GoldenValue =
  | { readonly text: string; readonly bytes: string }
  | { readonly code: string; readonly message: string; readonly hint: string | null };

export interface DateTimeTypeGolden {
  /** Start of the recording transaction: microseconds since 2000-01-01 UTC. */
  readonly now: number;
  readonly groups: {
    readonly settings: GoldenSettings;
    /** Type, typmod and text. */
    readonly inputs: [type: string, typmod: number, text: string, value: GoldenValue][];
  }[];
  /** What SET TimeZone makes of a value: what SHOW gives, or null where it is refused. */
  readonly zones: [value: string, shown: string | null][];
  /** The same of DateStyle, from `ISO, MDY` on. */
  readonly dateStyles: [value: string, shown: string | null][];
}

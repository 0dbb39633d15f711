/** What DECLARE says of a cursor besides its query. */
import { sqlError } from '../errors/sql-error.js';

export interface CursorOptions {
  readonly hold: boolean;
  readonly binary: boolean;
  /** Whether FETCH may go back. 'keep': asked for with SCROLL, so rows are kept from the first on. */
  readonly scroll: 'no' | 'yes' | 'keep';
}

/** Portals of the extended protocol. */
export const PROTOCOL_PORTAL: CursorOptions = { hold: false, binary: false, scroll: 'no' };

const BINARY = 0x1;
const SCROLL = 0x2;
const NO_SCROLL = 0x4;
const INSENSITIVE = 0x8;
const ASENSITIVE = 0x10;
const HOLD = 0x20;

export interface DeclaredOptions {
  readonly hold: boolean;
  readonly binary: boolean;
  readonly insensitive: boolean;
  /** Undefined: DECLARE does not say. */
  readonly scroll: boolean | undefined;
}

/** The parser's bits. @throws SqlError 42P11 */
export function declaredOptions(bits: number): DeclaredOptions {
  refuseBoth(bits, SCROLL, NO_SCROLL, 'SCROLL and NO SCROLL');
  refuseBoth(bits, INSENSITIVE, ASENSITIVE, 'ASENSITIVE and INSENSITIVE');
  return {
    hold: (bits & HOLD) !== 0,
    binary: (bits & BINARY) !== 0,
    insensitive: (bits & INSENSITIVE) !== 0,
    scroll: (bits & SCROLL) !== 0 ? true : (bits & NO_SCROLL) !== 0 ? false : undefined,
  };
}

function refuseBoth(bits: number, one: number, other: number, names: string): void {
  if ((bits & one) !== 0 && (bits & other) !== 0)
    throw sqlError('invalid_cursor_definition', `cannot specify both ${names}`);
}

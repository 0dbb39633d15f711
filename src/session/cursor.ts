/**
 * The position of a cursor and the directions of FETCH and MOVE (documentation, FETCH). `atStart` and `atEnd` say that
 * an end has been met, which is more than having fetched the last row.
 */
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { CursorRows, RowTarget } from './cursor-rows.js';

/** ALL as the parser writes it. */
const ALL = 2147483647;

export interface Motion {
  readonly direction: 'FETCH_FORWARD' | 'FETCH_BACKWARD' | 'FETCH_ABSOLUTE' | 'FETCH_RELATIVE';
  readonly count: number;
}

export class Cursor {
  atStart = true;
  atEnd = false;
  /** Rows passed so far. */
  private position = 0;

  constructor(
    readonly rows: CursorRows,
    readonly scrollable: boolean,
  ) {}

  get onRow(): boolean {
    return !this.atStart && !this.atEnd;
  }

  /** Moves and gives rows as FETCH does. Returns their number. @throws SqlError 55000 for steps back without SCROLL */
  *fetch({ direction, count }: Motion, target: RowTarget): Task<number> {
    switch (direction) {
      case 'FETCH_FORWARD':
        return count < 0 ? yield* this.moveBackward(-count, target) : yield* this.moveForward(count, target);
      case 'FETCH_BACKWARD':
        return count < 0 ? yield* this.moveForward(-count, target) : yield* this.moveBackward(count, target);
      case 'FETCH_ABSOLUTE':
        return yield* this.absolute(count, target);
      case 'FETCH_RELATIVE':
        return yield* this.relative(count, target);
    }
  }

  /** The next `count` rows (0: all of them), as the protocol's Execute asks for them. */
  *execute(count: number, target: RowTarget): Task<number> {
    return yield* this.forward(count === 0 ? ALL : count, target);
  }

  private *moveForward(count: number, target: RowTarget): Task<number> {
    return count === 0 ? yield* this.again(target) : yield* this.forward(count, target);
  }

  private *moveBackward(count: number, target: RowTarget): Task<number> {
    if (count === 0) return yield* this.again(target);
    if (count !== ALL || target !== null) return yield* this.backward(count, target);
    const passed = this.position > 0 && !this.atEnd ? this.position - 1 : this.position;
    this.rewind();
    return passed;
  }

  /** FETCH 0: the current row once more. */
  private *again(target: RowTarget): Task<number> {
    if (target === null) return this.onRow ? 1 : 0;
    if (!this.onRow) return 0;
    yield* this.backward(1, null);
    return yield* this.forward(1, target);
  }

  private *absolute(count: number, target: RowTarget): Task<number> {
    if (count === 0) {
      this.rewind();
      return 0;
    }
    if (count < 0) {
      yield* this.forward(ALL, null);
      if (count < -1) yield* this.backward(-count - 1, null);
      return yield* this.backward(1, target);
    }
    // From the start when that is nearer; the row itself is always reached going forward.
    if (count - 1 <= Math.floor(this.position / 2)) {
      this.rewind();
      if (count > 1) yield* this.forward(count - 1, null);
    } else {
      const position = this.atEnd ? this.position + 1 : this.position;
      if (count <= position) yield* this.backward(position - count + 1, null);
      else if (count > position + 1) yield* this.forward(count - position - 1, null);
    }
    return yield* this.forward(1, target);
  }

  private *relative(count: number, target: RowTarget): Task<number> {
    if (count === 0) return yield* this.again(target);
    if (count > 0) {
      if (count > 1) yield* this.forward(count - 1, null);
      return yield* this.forward(1, target);
    }
    if (count < -1) yield* this.backward(-count - 1, null);
    return yield* this.backward(1, target);
  }

  private *forward(count: number, target: RowTarget): Task<number> {
    if (this.atEnd) return 0;
    const limit = count === ALL ? Number.POSITIVE_INFINITY : count;
    const passed = yield* this.rows.forward(limit, target);
    if (passed > 0) this.atStart = false;
    if (passed < limit) this.atEnd = true;
    this.position += passed;
    return passed;
  }

  private *backward(count: number, target: RowTarget): Task<number> {
    this.requireScroll();
    if (this.atStart) return 0;
    const limit = count === ALL ? Number.POSITIVE_INFINITY : count;
    const passed = yield* this.rows.backward(limit, target);
    if (passed > 0 && this.atEnd) {
      this.atEnd = false;
      this.position++;
    }
    if (passed < limit) {
      this.atStart = true;
      this.position = 0;
    } else this.position -= passed;
    return passed;
  }

  private rewind(): void {
    if (this.atStart && !this.atEnd) return;
    this.requireScroll();
    this.rows.rewind();
    this.atStart = true;
    this.atEnd = false;
    this.position = 0;
  }

  private requireScroll(): void {
    if (this.scrollable) return;
    throw sqlError('object_not_in_prerequisite_state', 'cursor can only scan forward', {
      hint: 'Declare it with SCROLL option to enable backward scan.',
    });
  }
}

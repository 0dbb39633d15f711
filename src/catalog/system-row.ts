/**
 * Typed access to the columns of a system table's row by name. A value of another type than asked for is a damaged
 * catalog, reported as an internal error. For building descriptors, which happens once an object; not for hot paths.
 */
import { type Datum, PgArray, type Row } from '../types/datum.js';

interface Layout {
  readonly name: string;
  position(column: string): number;
}

export class SystemRow {
  constructor(
    readonly layout: Layout,
    readonly row: Row,
  ) {}

  datum(column: string): Datum {
    return this.row[this.layout.position(column)];
  }

  text(column: string): string {
    const value = this.datum(column);
    return typeof value === 'string' ? value : this.damaged(column, value);
  }

  textOrNull(column: string): string | null {
    return this.datum(column) === null ? null : this.text(column);
  }

  number(column: string): number {
    const value = this.datum(column);
    return typeof value === 'number' ? value : this.damaged(column, value);
  }

  boolean(column: string): boolean {
    const value = this.datum(column);
    return typeof value === 'boolean' ? value : this.damaged(column, value);
  }

  numbers(column: string): readonly number[] {
    return this.elements(column, (item): item is number => typeof item === 'number');
  }

  numbersOrNull(column: string): readonly number[] | null {
    return this.datum(column) === null ? null : this.numbers(column);
  }

  texts(column: string): readonly string[] {
    return this.elements(column, (item): item is string => typeof item === 'string');
  }

  textsOrNull(column: string): readonly string[] | null {
    return this.datum(column) === null ? null : this.texts(column);
  }

  /** A timestamptz, null for none. */
  instantOrNull(column: string): number | bigint | null {
    const value = this.datum(column);
    if (value === null || typeof value === 'number' || typeof value === 'bigint') return value;
    return this.damaged(column, value);
  }

  private elements<T extends Datum>(column: string, is: (item: Datum) => item is T): readonly T[] {
    const value = this.datum(column);
    if (!(value instanceof PgArray)) return this.damaged(column, value);
    const { elements } = value;
    return elements.every(is) ? elements : this.damaged(column, value);
  }

  private damaged(column: string, value: Datum): never {
    throw new Error(`unexpected value in ${this.layout.name}.${column}: ${String(value)}`);
  }
}

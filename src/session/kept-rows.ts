/** Rows that a portal keeps in memory, charged to the session's memory budget until they are released. */
import type { MemoryBudget } from '../exec/exec-context.js';
import { rowBytes } from '../exec/value-size.js';
import type { Row } from '../types/datum.js';

export class KeptRows {
  readonly rows: Row[] = [];
  private bytes = 0;

  constructor(private readonly memory: MemoryBudget) {}

  get length(): number {
    return this.rows.length;
  }

  /** @throws SqlError 53200 */
  add(row: Row): void {
    const bytes = rowBytes(row);
    this.memory.reserve(bytes);
    this.bytes += bytes;
    this.rows.push(row);
  }

  release(): void {
    this.memory.reserve(-this.bytes);
    this.bytes = 0;
    this.rows.length = 0;
  }
}

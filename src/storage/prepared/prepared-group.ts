/** The holder of a prepared transaction's locks: no process, so it waits for nobody and conflicts with every session. */
import type { DatabaseId } from '../api.js';
import { LockGroup } from '../lock-wait.js';

export class PreparedGroup extends LockGroup {
  override readonly isPrepared = true;

  /** `name`: as it was in the session; after a restart -1 stands for the backend. */
  constructor(
    private readonly name: string,
    database: DatabaseId,
  ) {
    super(0, database);
  }

  override get virtualTransaction(): string {
    return this.name;
  }
}

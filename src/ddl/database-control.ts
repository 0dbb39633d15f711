/** What statements about whole databases need of the server: who is in them, and their contents in memory. */
import type { Catalog } from '../catalog/catalog.js';
import type { StorageId, Transaction } from '../storage/api.js';
import type { Task } from '../util/task.js';

export interface DatabaseUsers {
  /** Sessions beside the own one. */
  readonly sessions: number;
  readonly prepared: number;
}

export interface DatabaseControl {
  /** The database of the session. */
  readonly current: number;
  users(database: number): DatabaseUsers;
  /** Ends all other sessions in the database. */
  terminateUsers(database: number): void;
  /** Lets others run for a while (milliseconds). @throws SqlError that ends the statement meanwhile */
  pause(milliseconds: number): Task<void>;
  /** Until the transaction ends no session begins in the database. Waits while somebody else keeps it; `exclusive`: from all. */
  reserve(database: number, exclusive: boolean): Task<void>;
  /** Whether it has contents of its own; if not, it has what every new database has. */
  isUsed(database: number): boolean;
  /** Its catalog, brought into memory. REQUIRES: it is reserved. */
  load(database: number): Task<Catalog>;
  /** Out of memory. REQUIRES: it is reserved exclusively, and nobody is in it. */
  unload(database: number): void;
  /** New storages for the system tables of a database; they are its own when the transaction commits. */
  createStorages(transaction: Transaction, database: number): ReadonlyMap<number, StorageId>;
  /** Removes everything that is stored of a database when the transaction commits. REQUIRES: it is reserved exclusively. */
  dropStorages(transaction: Transaction, database: number): Task<void>;
}

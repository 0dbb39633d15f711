/**
 * Snapshots that running transactions have exported (pg_export_snapshot). An entry goes with its transaction; until
 * then the transaction keeps the snapshot in use, so that whatever it sees can be imported.
 */
import { sqlError } from '../errors/sql-error.js';
import type { Lsn } from './api.js';
import type { StoreTransaction } from './transaction.js';

interface Exported {
  readonly transaction: StoreTransaction;
  readonly lsn: Lsn;
}

export class ExportedSnapshots {
  private readonly byId = new Map<string, Exported>();

  /** Returns the identifier, in PostgreSQL's form: backend, transaction, number of the export. */
  add(transaction: StoreTransaction, lsn: Lsn): string {
    const [backend = 0, number = 0] = transaction.group.virtualTransaction.split('/').map(Number);
    for (let n = 1; ; n++) {
      const id = `${hex(backend)}-${hex(number)}-${n}`;
      if (this.byId.has(id)) continue;
      this.byId.set(id, { transaction, lsn });
      transaction.onEnd(() => this.byId.delete(id));
      return id;
    }
  }

  hasAny(transaction: StoreTransaction): boolean {
    for (const exported of this.byId.values()) if (exported.transaction === transaction) return true;
    return false;
  }

  /** @throws SqlError 22023 for an unknown identifier, 0A000 when the isolation levels do not fit */
  find(id: string, importer: StoreTransaction): Exported {
    const found = this.byId.get(id);
    if (found === undefined) throw sqlError('invalid_parameter_value', `invalid snapshot identifier: "${id}"`);
    if (importer.isolation !== 'serializable') return found;
    const { transaction } = found;
    if (transaction.isolation !== 'serializable') {
      throw sqlError(
        'feature_not_supported',
        'a serializable transaction cannot import a snapshot from a non-serializable transaction',
      );
    }
    if (transaction.readOnly && !importer.readOnly) {
      throw sqlError(
        'feature_not_supported',
        'a non-read-only serializable transaction cannot import a snapshot from a read-only transaction',
      );
    }
    return found;
  }
}

function hex(number: number): string {
  return number.toString(16).toUpperCase().padStart(8, '0');
}

/** The prepared statements of a session by name; that of the protocol's Parse without a name has the name ''. */
import { sqlError } from '../errors/sql-error.js';
import type { Prepared } from './prepared.js';

export class PreparedStatements {
  private readonly byName = new Map<string, Prepared>();

  has(name: string): boolean {
    return this.byName.has(name);
  }

  get(name: string): Prepared | undefined {
    return this.byName.get(name);
  }

  set(name: string, prepared: Prepared): void {
    this.byName.set(name, prepared);
  }

  values(): Iterable<Prepared> {
    return this.byName.values();
  }

  /** @throws SqlError 26000 */
  find(name: string): Prepared {
    const prepared = this.byName.get(name);
    if (prepared === undefined) {
      throw sqlError(
        'invalid_sql_statement_name',
        name === '' ? 'unnamed prepared statement does not exist' : `prepared statement "${name}" does not exist`,
      );
    }
    return prepared;
  }

  drop(name: string): void {
    this.byName.delete(name);
  }

  /** DEALLOCATE ALL. The protocol's unnamed statement stays. */
  dropNamed(): void {
    for (const name of this.byName.keys()) if (name !== '') this.byName.delete(name);
  }
}

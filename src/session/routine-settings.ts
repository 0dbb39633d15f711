/** What a function's SET clauses and SECURITY DEFINER change for the time of a call. */
import type { ProcDesc } from '../catalog/descriptors.js';
import type { Session } from './session.js';

export class RoutineSettings {
  private readonly mark: number;
  private readonly role: string;
  private readonly changes: boolean;

  constructor(
    private readonly session: Session,
    private readonly proc: ProcDesc,
  ) {
    this.changes = proc.config.length > 0 || proc.securityDefiner;
    this.mark = session.settings.mark();
    this.role = this.changes ? (session.settings.get('role') ?? 'none') : '';
  }

  /** @throws SqlError when a setting of the function is not valid any more */
  apply(): void {
    if (!this.changes) return;
    const { settings, environment } = this.session;
    for (const item of this.proc.config) {
      const at = item.indexOf('=');
      settings.set(item.slice(0, at), item.slice(at + 1), true);
    }
    const owner = environment.catalog.role(this.proc.owner);
    if (this.proc.securityDefiner && owner !== undefined) settings.derive('role', owner.name);
  }

  restore(): void {
    if (!this.changes) return;
    this.session.settings.rollbackTo(this.mark);
    this.session.settings.derive('role', this.role);
  }
}

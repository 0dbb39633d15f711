/**
 * The portals of a session by name: those that Bind makes and the cursors of DECLARE share one name space. They end with
 * the transaction or subtransaction that made them, except cursors WITH HOLD, which a commit turns into kept rows.
 */
import { sqlError } from '../errors/sql-error.js';
import { childNodes } from '../sql/plan/node-children.js';
import type { PlanNode } from '../sql/plan/plan-node.js';
import type { Task } from '../util/task.js';
import type { Portal } from './portal.js';

const NONE: readonly Portal[] = [];

export class Portals {
  /** Those with a name. */
  private readonly byName = new Map<string, Portal>();
  /** The protocol's portal without a name, which every Bind makes anew. */
  private nameless: Portal | undefined;
  private unnamed = 0;

  get(name: string): Portal | undefined {
    return name === '' ? this.nameless : this.byName.get(name);
  }

  /** They may be dropped meanwhile. */
  all(): readonly Portal[] {
    const named = this.byName.size === 0 ? NONE : [...this.byName.values()];
    return this.nameless === undefined ? named : [this.nameless, ...named];
  }

  /** A name for a cursor that a function opens without one. */
  unusedName(): string {
    let name: string;
    do name = `<unnamed portal ${++this.unnamed}>`;
    while (this.byName.has(name));
    return name;
  }

  /** @throws SqlError 42P03 */
  requireFree(name: string): void {
    if (name !== '' && this.byName.has(name)) throw sqlError('duplicate_cursor', `cursor "${name}" already exists`);
  }

  /** Takes the portal in; the unnamed one is replaced. REQUIRES: the name is free. */
  add(name: string, portal: Portal, level: number): void {
    this.drop(name);
    portal.name = name;
    portal.level = level;
    if (name === '') this.nameless = portal;
    else this.byName.set(name, portal);
  }

  /** False when there is no such portal. */
  drop(name: string): boolean {
    const portal = this.get(name);
    if (portal === undefined) return false;
    portal.dispose();
    if (name === '') this.nameless = undefined;
    else this.byName.delete(name);
    return true;
  }

  /** CLOSE ALL: all but the portal that says so itself. */
  closeAll(): void {
    for (const portal of this.all()) if (portal.status !== 'active') this.drop(portal.name);
  }

  /** The end of the session. */
  dropAll(): void {
    for (const portal of this.all()) portal.dispose();
    this.byName.clear();
    this.nameless = undefined;
  }

  /** Drops the portals of a transaction that is about to commit. True when cursors WITH HOLD are left: `hold` them. */
  dropOrdinary(): boolean {
    let left = false;
    for (const portal of this.all()) {
      if (portal.held) continue;
      if (portal.options.hold && portal.status === 'ready') left = true;
      else this.drop(portal.name);
    }
    return left;
  }

  /** Whether the transaction has declared a cursor WITH HOLD that works. */
  get hasHoldable(): boolean {
    for (const { held, options, status } of this.all()) if (!held && options.hold && status === 'ready') return true;
    return false;
  }

  /** Cursors WITH HOLD fetch what they have left, for use after the commit. */
  *hold(): Task<void> {
    for (const portal of this.all()) {
      if (portal.held || portal.cursor === null) continue;
      // A cancel request ends the commit here.
      portal.session.running.set(portal.execution);
      yield* portal.cursor.rows.detach(portal.cursor.scrollable);
      portal.session.running.set(null);
      portal.held = true;
      portal.close();
    }
  }

  get empty(): boolean {
    return this.nameless === undefined && this.byName.size === 0;
  }

  /** Drops what was made since `level` savepoints were open (0: in the whole transaction), before it is undone. */
  undo(level: number): void {
    for (const portal of this.all()) if (!portal.held && portal.level >= level) this.drop(portal.name);
  }

  /** The same after an error: they are of no use any more, but known until ROLLBACK. */
  fail(level: number): void {
    for (const portal of this.all()) if (!portal.held && portal.level >= level) portal.fail();
  }

  /** RELEASE: what was made inside belongs to the `level` savepoints outside. */
  released(level: number): void {
    for (const portal of this.all()) portal.level = Math.min(portal.level, level);
  }

  /** Whether an open query reads the relation, a table or an index. */
  reads(relation: number): boolean {
    for (const portal of this.all()) {
      const { planned } = portal.prepared;
      if (planned === null || portal.held || !portal.isQuery || portal.status === 'failed') continue;
      if (planned.relations.some((use) => use.oid === relation) || scansIndex(planned.root, relation)) return true;
    }
    return false;
  }
}

function scansIndex(node: PlanNode, index: number): boolean {
  return (
    ((node.kind === 'index scan' || node.kind === 'bitmap scan') && node.index.oid === index) ||
    childNodes(node).some((child) => scansIndex(child, index))
  );
}

/** The makers of writing and locking operators, as instantiate.ts wants them. */
import { type CascadeBinding, plainBinding } from './cascade-binding.js';
import { Delete } from './delete.js';
import type { ExecContext, ExecServices } from './exec-context.js';
import { Insert } from './insert.js';
import type { WriteOperators } from './instantiate.js';
import { LockRows } from './lock-rows.js';
import { Merge } from './merge.js';
import { InsteadOf, writesView } from './triggers/instead-of.js';
import { Update } from './update.js';

/** `bindingOf` gives the binder's help for foreign key actions; asked once an operator, used when rows cascade. */
export function makeWriteOperators(bindingOf: (cx: ExecContext) => CascadeBinding): WriteOperators {
  return {
    insert: (cx, node, input) =>
      writesView(node) ? new InsteadOf(cx, node, input) : new Insert(cx, node, input, bindingOf(cx)),
    update: (cx, node, input) =>
      writesView(node) ? new InsteadOf(cx, node, input) : new Update(cx, node, input, bindingOf(cx)),
    delete: (cx, node, input) =>
      writesView(node) ? new InsteadOf(cx, node, input) : new Delete(cx, node, input, bindingOf(cx)),
    merge: (cx, node, input) => new Merge(cx, node, input, bindingOf(cx)),
    'lock rows': (cx, node, input) => new LockRows(cx, node, input),
  };
}

/** Services of a session that can bind tables for foreign key actions. */
export interface CascadingServices extends ExecServices {
  readonly cascade: CascadeBinding;
}

function canCascade(services: ExecServices): services is CascadingServices {
  return 'cascade' in services;
}

/** With the services' own `cascade`; without one, foreign key actions reach only tables that need no bound expressions. */
export const writeOperators: WriteOperators = makeWriteOperators(({ services }) =>
  canCascade(services) ? services.cascade : plainBinding,
);

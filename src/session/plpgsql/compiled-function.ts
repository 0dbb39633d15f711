/** A function as a session has compiled it for the types of one call site. */
import type { ProcDesc } from '../../catalog/descriptors.js';
import type { RecordField } from '../../sql/plan/expression.js';
import type { PlFunction } from '../../sql/plpgsql/syntax.js';
import type { Step } from './frame.js';
import type { PlRuntime } from './runtime.js';

export interface CompiledFunction {
  readonly runtime: PlRuntime;
  readonly proc: ProcDesc;
  readonly tree: PlFunction;
  /** `name(types)`, as contexts of errors say it. */
  readonly signature: string;
  readonly resultType: number;
  /** What the result is made of, where it is composite; null where only the value tells. */
  readonly resultFields: readonly RecordField[] | null;
  readonly resultComposite: boolean;
  /** STABLE and IMMUTABLE functions may not write, and see what the calling query sees. */
  readonly readOnly: boolean;
  readonly body: Step;
  readonly conflict: 'error' | 'use_variable' | 'use_column';
  readonly printStrictParameters: boolean;
}

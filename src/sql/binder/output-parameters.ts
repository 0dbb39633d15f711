/** OUT parameters (and the columns of RETURNS TABLE): the columns of the record that a function returns. */
import type { ProcDesc } from '../../catalog/descriptors.js';
import type { RecordField } from '../plan/expression.js';
import type { BindContext } from './bind-context.js';
import { resolvePolymorphic } from './polymorphism.js';

/** Null for functions without them. `argTypes`: the types that the call's arguments have settled. */
export function outputParameters(
  cx: BindContext,
  proc: ProcDesc,
  argTypes: readonly number[],
): readonly RecordField[] | null {
  const { argModes, allArgTypes, argNames } = proc;
  if (argModes === null || allArgTypes === null) return null;
  const fields: RecordField[] = [];
  argModes.forEach((mode, i) => {
    if (!'obt'.includes(mode)) return;
    const type = resolvePolymorphic(cx, argTypes, proc.argTypes, allArgTypes[i]).result;
    fields.push({ name: argNames?.[i] || `column${fields.length + 1}`, type, typmod: -1 });
  });
  return fields.length === 0 ? null : fields;
}

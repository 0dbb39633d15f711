/** CALL: the procedure that is meant, and its arguments. Those for OUT parameters count for the choice and are not evaluated. */
import type { FuncCall } from '@pgsql/types';
import type { ProcDesc } from '../../catalog/descriptors.js';
import type { Expr, RecordField } from '../plan/expression.js';
import { nameParts, splitName } from './ast.js';
import type { BindContext } from './bind-context.js';
import { bindArguments, namespaceOid, settleArguments } from './bind-function-call.js';
import { outputParameters } from './output-parameters.js';
import { callSignature, resolveFunction } from './resolve-function.js';
import { Scope } from './scope.js';

export interface BoundCall {
  readonly proc: ProcDesc;
  /** Of the input parameters. */
  readonly args: readonly Expr[];
  /** What the call gives back, null for nothing. */
  readonly outputs: readonly RecordField[] | null;
  /** What stands for the output parameters. */
  readonly outputArgs: readonly Expr[];
}

/** @throws SqlError 42883, 42809, 42725 */
export function bindCall(cx: BindContext, call: FuncCall): BoundCall {
  const location = call.location ?? -1;
  const names = nameParts(call.funcname);
  const { schema, name } = splitName(names);
  const scope = new Scope(null);
  const args = bindArguments(cx, scope, call);
  const namespace = namespaceOid(cx, schema, location);
  const found = resolveFunction(cx, name, namespace, args.actual, 'p');
  const shown = callSignature(cx, names.join('.'), args.actual);
  if (found.kind !== 'found') {
    if (resolveFunction(cx, name, namespace, args.actual, 'faw').kind === 'found') {
      const hint = 'To call a function, use SELECT.';
      throw cx.error('wrong_object_type', `${shown} is not a procedure`, location, { hint });
    }
    const advice = 'You might need to add explicit type casts.';
    if (found.kind === 'ambiguous') {
      const hint = `Could not choose a best candidate procedure. ${advice}`;
      throw cx.error('ambiguous_function', `procedure ${shown} is not unique`, location, { hint });
    }
    const hint = `No procedure matches the given name and argument types. ${advice}`;
    throw cx.error('undefined_function', `procedure ${shown} does not exist`, location, { hint });
  }
  const { match } = found;
  const settled = settleArguments(cx, match, args, location);
  const proc = cx.catalog.proc(match.proc.oid) ?? match.proc;
  const modes = proc.argModes;
  const inputs = modes === null ? settled.args : settled.args.filter((_, i) => modes[i] !== 'o');
  const outputArgs = modes === null ? [] : settled.args.filter((_, i) => 'ob'.includes(modes[i]));
  const types = inputs.map((arg) => arg.type);
  return { proc, args: inputs, outputs: outputParameters(cx, proc, types), outputArgs };
}

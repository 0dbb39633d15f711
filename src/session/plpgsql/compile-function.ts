/** From a function that was read to something that runs: its types settled for one call site, its steps made. */
import type { BinderServices } from '../../sql/binder/bind-context.js';
import { CatalogTypes } from '../../sql/plpgsql/catalog-types.js';
import { type FunctionUse, readFunction, signatureText } from '../../sql/plpgsql/read-function.js';
import * as oid from '../../types/oids.js';
import type { CompiledFunction } from './compiled-function.js';
import type { PlRuntime } from './runtime.js';
import { StepCompiler } from './step-compiler.js';

const INLINE = 'inline_code_block';

/** @throws SqlError 42601 and others, whose position or context tells the place */
export function compileFunction(runtime: PlRuntime, use: FunctionUse, inline: boolean): CompiledFunction {
  const { proc } = use;
  const services = runtime.session.environment;
  const tree = readFunction(services, use, inline);
  const { settings } = runtime.session;
  const conflict = tree.conflict ?? conflictSetting(settings.get('plpgsql.variable_conflict'));
  const resultComposite = new CatalogTypes(services).of(use.resultType).composite;
  const compiled: CompiledFunction = {
    runtime,
    proc,
    tree,
    signature: inline ? INLINE : signatureText(services, proc),
    resultType: use.resultType,
    resultComposite,
    resultFields: resultFields(services, use),
    readOnly: proc.volatility !== 'v',
    conflict,
    printStrictParameters: tree.printStrictParameters ?? isOn(settings.get('plpgsql.print_strict_params')),
    body: new StepCompiler(runtime, tree, use, resultComposite).block(tree.body),
  };
  return compiled;
}

/** Settings of PL/pgSQL are kept as they were given. */
function isOn(value: string | undefined): boolean {
  return ['on', 'true', 'yes', '1', 't', 'y'].includes(value?.toLowerCase() ?? '');
}

function conflictSetting(value: string | undefined): CompiledFunction['conflict'] {
  return value === 'use_variable' || value === 'use_column' ? value : 'error';
}

function resultFields(services: BinderServices, { resultType, resultColumns }: FunctionUse) {
  if (resultType === oid.RECORD) return resultColumns;
  let desc = services.catalog.type(resultType);
  while (desc?.kind === 'd') desc = services.catalog.type(desc.baseType);
  return desc === undefined ? null : (services.types.catalog.compositeFields(desc.oid) ?? null);
}

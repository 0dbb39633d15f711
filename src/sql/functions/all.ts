/** All built-in functions that have code. */
import { bitFunctionFamilies } from './bit-functions.js';
import { containerFunctionFamilies } from './container-families.js';
import { datetimeFunctionFamilies } from './datetime-families.js';
import { extensionFunctionFamilies } from './extensions/extension-families.js';
import { withFarCalls } from './far-calls.js';
import { numberFunctionFamilies } from './number-families.js';
import { type FunctionFamily, joinFamilies } from './registry.js';
import { withSlicedCalls } from './sliced-calls.js';
import { textFunctionFamilies } from './text-families.js';

export const builtinFunctions: FunctionFamily = withSlicedCalls(
  withFarCalls(
    joinFamilies(
      ...containerFunctionFamilies,
      ...datetimeFunctionFamilies,
      ...numberFunctionFamilies,
      ...bitFunctionFamilies,
      ...textFunctionFamilies,
      ...extensionFunctionFamilies,
    ),
  ),
);

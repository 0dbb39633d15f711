/** The families of functions of numbers, booleans and comparisons. */
import { comparisonFunctions } from './comparison-functions.js';
import type { FunctionFamily } from './registry.js';

export const numberFunctionFamilies: readonly FunctionFamily[] = [comparisonFunctions];

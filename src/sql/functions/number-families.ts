/** The families of functions of numbers, booleans and comparisons. */
import { comparisonFunctions } from './comparison-functions.js';
import { floatAggregates } from './float-aggregates.js';
import { numberAggregates } from './number-aggregates.js';
import type { FunctionFamily } from './registry.js';

export const numberFunctionFamilies: readonly FunctionFamily[] = [
  comparisonFunctions,
  numberAggregates,
  floatAggregates,
];

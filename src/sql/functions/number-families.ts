/** The families of functions of numbers, booleans and comparisons. */
import { booleanFunctions } from './boolean-functions.js';
import { characterCasts } from './character-casts.js';
import { comparisonFunctions } from './comparison-functions.js';
import { floatAggregates } from './float-aggregates.js';
import { floatFunctions } from './float-functions.js';
import { integerFunctions } from './integer-functions.js';
import { mathFunctions } from './math-functions.js';
import { moneyFunctions } from './money-functions.js';
import { numberAggregates } from './number-aggregates.js';
import { numericFunctions } from './numeric-functions.js';
import { oidFunctions } from './oid-functions.js';
import type { FunctionFamily } from './registry.js';

export const numberFunctionFamilies: readonly FunctionFamily[] = [
  comparisonFunctions,
  integerFunctions,
  floatFunctions,
  mathFunctions,
  numericFunctions,
  moneyFunctions,
  booleanFunctions,
  oidFunctions,
  numberAggregates,
  floatAggregates,
  characterCasts,
];

/** Functions of booleans that are neither comparisons nor aggregates. */
import { type FunctionFamily, plainFunctions } from './registry.js';

export const booleanFunctions: FunctionFamily = plainFunctions({
  booltext: (a: boolean) => (a ? 'true' : 'false'),
});

/** The function families of container types: arrays, JSON, records, enums, ranges. */
import { arrayAggregates } from './array-aggregates.js';
import { arrayFunctions } from './array-functions.js';
import { arraySearchFunctions } from './array-search.js';
import { enumFunctions } from './enum-functions.js';
import { jsonAggregates } from './json-aggregates.js';
import { jsonBuildFunctions } from './json-build.js';
import { jsonFunctions } from './json-functions.js';
import { jsonPopulateFunctions } from './json-populate.js';
import { jsonbFunctions } from './jsonb-functions.js';
import { jsonbModifyFunctions } from './jsonb-modify.js';
import { jsonPathFunctions } from './jsonpath-functions.js';
import { multirangeFunctions } from './multirange-functions.js';
import { rangeFunctions } from './range-functions.js';
import { recordFunctions } from './record-functions.js';
import { regFunctions } from './reg-functions.js';
import type { FunctionFamily } from './registry.js';
import { sendFunctions } from './send-functions.js';
import { valueHashFunctions } from './value-hash-functions.js';

export const containerFunctionFamilies: readonly FunctionFamily[] = [
  arrayFunctions,
  arraySearchFunctions,
  arrayAggregates,
  jsonFunctions,
  jsonBuildFunctions,
  jsonPopulateFunctions,
  jsonAggregates,
  jsonbFunctions,
  jsonbModifyFunctions,
  jsonPathFunctions,
  recordFunctions,
  enumFunctions,
  regFunctions,
  rangeFunctions,
  multirangeFunctions,
  sendFunctions,
  valueHashFunctions,
];

/** The families of functions of text, bytea, uuid and network addresses. */
import { byteaFunctions } from './bytea-functions.js';
import { encodingFunctions } from './encoding-functions.js';
import { formatFunctions } from './format-functions.js';
import { hashFunctions } from './hash-functions.js';
import { likeFunctions } from './like-functions.js';
import { networkFunctions } from './network-functions.js';
import { numberFormatFunctions } from './number-format-functions.js';
import { regexpFunctions } from './regexp-functions.js';
import type { FunctionFamily } from './registry.js';
import { textAggregates } from './text-aggregates.js';
import { textFunctions } from './text-functions.js';

export const textFunctionFamilies: readonly FunctionFamily[] = [
  textFunctions,
  likeFunctions,
  regexpFunctions,
  numberFormatFunctions,
  formatFunctions,
  byteaFunctions,
  encodingFunctions,
  hashFunctions,
  networkFunctions,
  textAggregates,
];

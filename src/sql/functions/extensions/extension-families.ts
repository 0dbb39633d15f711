/** Functions of the extensions in data/extensions/. Those that have a row there but no code answer 0A000. */
import type { FunctionFamily } from '../registry.js';
import { citextFunctions } from './citext-functions.js';
import { cryptoFunctions } from './crypto-functions.js';
import { uuidFunctions } from './uuid-functions.js';

export const extensionFunctionFamilies: readonly FunctionFamily[] = [uuidFunctions, cryptoFunctions, citextFunctions];

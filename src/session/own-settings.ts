/** Configuration parameters that this server has and PostgreSQL has not. */
import type { SettingFact } from '../catalog/system-data.js';
import { ServerMemory } from './memory-budget.js';

export const OWN_SETTINGS: readonly SettingFact[] = [
  {
    name: 'query_memory_limit',
    type: 'integer',
    unit: 'kB',
    category: 'Resource Usage / Memory',
    context: 'user',
    min: '64',
    max: '2147483647',
    values: null,
    boot: String(ServerMemory.defaultQueryLimit()),
  },
];

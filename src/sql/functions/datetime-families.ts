/** The families of functions of dates, times, timestamps and intervals. */
import { dateFunctions } from './date-functions.js';
import { dateTruncFunctions } from './date-trunc-functions.js';
import { datetimeAggregates } from './datetime-aggregates.js';
import { datetimeComparison } from './datetime-comparison.js';
import { datetimeFormatFunctions } from './datetime-format-functions.js';
import { datetimeRanges } from './datetime-ranges.js';
import { extractFunctions } from './extract-functions.js';
import { intervalFunctions } from './interval-functions.js';
import type { FunctionFamily } from './registry.js';
import { timeFunctions } from './time-functions.js';
import { timestampFunctions } from './timestamp-functions.js';
import { timezoneFunctions } from './timezone-functions.js';

export const datetimeFunctionFamilies: readonly FunctionFamily[] = [
  datetimeComparison,
  dateFunctions,
  timeFunctions,
  timestampFunctions,
  intervalFunctions,
  extractFunctions,
  dateTruncFunctions,
  timezoneFunctions,
  datetimeFormatFunctions,
  datetimeRanges,
  datetimeAggregates,
];

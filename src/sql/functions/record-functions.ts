/** Comparison of records, field by field: what the operators on record and row types call. */
import type { PgRecord } from '../../types/datum.js';
import { compareRecords } from '../../types/record/record-codec.js';
import { type CallContext, contextFunctions, type FunctionFamily } from './registry.js';

type Test = (order: number) => boolean;

function test(accept: Test): (cx: CallContext, a: PgRecord, b: PgRecord) => boolean {
  return (cx, a, b) => accept(compareRecords(a, b, cx));
}

const isEqual: Test = (order) => order === 0;
const isDifferent: Test = (order) => order !== 0;
const isLess: Test = (order) => order < 0;
const isLessOrEqual: Test = (order) => order <= 0;
const isGreater: Test = (order) => order > 0;
const isGreaterOrEqual: Test = (order) => order >= 0;

const order = (cx: CallContext, a: PgRecord, b: PgRecord): number => Math.sign(compareRecords(a, b, cx));

export const recordFunctions: FunctionFamily = contextFunctions({
  record_eq: test(isEqual),
  record_ne: test(isDifferent),
  record_lt: test(isLess),
  record_le: test(isLessOrEqual),
  record_gt: test(isGreater),
  record_ge: test(isGreaterOrEqual),
  btrecordcmp: order,
});

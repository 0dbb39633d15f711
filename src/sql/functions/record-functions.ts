/** Comparison of records, field by field: what the operators on record and row types call. */
import type { Datum, PgRecord } from '../../types/datum.js';
import { checkFieldTypes, compareRecords, differentCounts } from '../../types/record/record-codec.js';
import { ByteWriter } from '../../util/byte-writer.js';
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

/** Order of the bytes of the fields: the image operators tell values apart that `=` does not. */
function compareImages(cx: CallContext, a: PgRecord, b: PgRecord): number {
  const count = Math.min(a.values.length, b.values.length);
  for (let i = 0; i < count; i++) {
    checkFieldTypes(a, b, i, cx);
    const x = a.values[i];
    const y = b.values[i];
    if (x === null || y === null) {
      if (x === y) continue;
      return x === null ? 1 : -1;
    }
    const result = Buffer.compare(imageOf(cx, x, a.fieldTypes[i]), imageOf(cx, y, b.fieldTypes[i]));
    if (result !== 0) return result;
  }
  if (a.values.length !== b.values.length) throw differentCounts();
  return 0;
}

function imageOf(cx: CallContext, value: Datum, type: number): Buffer {
  const out = new ByteWriter(64);
  cx.codec(type).send(value, out, cx);
  return out.view();
}

function testImages(accept: Test): (cx: CallContext, a: PgRecord, b: PgRecord) => boolean {
  return (cx, a, b) => accept(compareImages(cx, a, b));
}

export const recordFunctions: FunctionFamily = contextFunctions({
  record_eq: test(isEqual),
  record_ne: test(isDifferent),
  record_lt: test(isLess),
  record_le: test(isLessOrEqual),
  record_gt: test(isGreater),
  record_ge: test(isGreaterOrEqual),
  btrecordcmp: order,
  record_image_eq: testImages(isEqual),
  record_image_ne: testImages(isDifferent),
  record_image_lt: testImages(isLess),
  record_image_le: testImages(isLessOrEqual),
  record_image_gt: testImages(isGreater),
  record_image_ge: testImages(isGreaterOrEqual),
  btrecordimagecmp: compareImages,
});

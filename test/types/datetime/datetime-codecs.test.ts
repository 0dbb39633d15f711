/** Codecs of dates and times against recorded answers of PostgreSQL 15 (test/tools/record-datetime-types.ts). */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { datetimeCodecs, datetimeStoredForms } from '../../../src/types/datetime/datetime-codecs.js';
import { canonicalTimeZone, parseDateStyle } from '../../../src/types/datetime/time-settings.js';
import type { Datum } from '../../../src/types/datum.js';
import type { TypeCodec } from '../../../src/types/type-codec.js';
import type { TypeContext } from '../../../src/types/type-context.js';
import { ByteWriter } from '../../../src/util/byte-writer.js';
import { datetimeContext } from './datetime-context.js';
import type { DateTimeTypeGolden, GoldenValue } from './datetime-type-golden.js';

const FILE = new URL('../../../../test/golden/functions/datetime-types.json', import.meta.url);
const golden: DateTimeTypeGolden = JSON.parse(readFileSync(FILE, 'utf8'));

function codecOf(type: string): TypeCodec {
  const codec = datetimeCodecs.get(type);
  if (codec === undefined) throw new Error(`no codec of ${type}`);
  return codec;
}

function hexOf(codec: TypeCodec, value: Datum, cx: TypeContext): string {
  const out = new ByteWriter();
  codec.send(value, out, cx);
  return out.view().toString('hex');
}

function read(type: string, typmod: number, text: string, cx: TypeContext): GoldenValue {
  const codec = codecOf(type);
  try {
    const value = codec.parse(text, cx, typmod);
    return { text: codec.format(value, cx), bytes: hexOf(codec, value, cx) };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { code: error.code, message: error.message, hint: error.fields.hint ?? null };
  }
}

for (const { settings, inputs } of golden.groups) {
  t.test(`inputs under ${Object.values(settings).join(' ')}`, async (t) => {
    const cx = datetimeContext(settings, golden.now);
    const wrong: unknown[] = [];
    for (const [type, typmod, text, wanted] of inputs) {
      const found = read(type, typmod, text, cx);
      if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ type, typmod, text, found, wanted });
    }
    t.same(wrong.slice(0, 5), [], `${wrong.length} of ${inputs.length} wrong`);
  });
}

/** All values of a type in the golden file, from their binary form. */
function valuesOf(type: string, cx: TypeContext): Datum[] {
  const codec = codecOf(type);
  const values: Datum[] = [];
  for (const { inputs } of golden.groups) {
    for (const [name, , , value] of inputs) {
      if (name !== type || !('bytes' in value)) continue;
      const bytes = Buffer.from(value.bytes, 'hex');
      values.push(codec.receive(bytes, 0, bytes.length, cx, -1));
      t.equal(hexOf(codec, values[values.length - 1], cx), value.bytes);
    }
  }
  return values;
}

t.test('keys and group keys agree with compare', async (t) => {
  const cx = datetimeContext();
  for (const [type, codec] of datetimeCodecs) {
    const values = valuesOf(type, cx);
    t.ok(values.length > 50, `${type} has ${values.length} values`);
    let wrong = 0;
    for (const a of values) {
      for (const b of values) {
        const order = Math.sign(codec.compare(a, b));
        const [keyA, keyB] = [codec.encodeKey(a), codec.encodeKey(b)];
        if (order !== (keyA < keyB ? -1 : keyA > keyB ? 1 : 0)) wrong++;
        if ((order === 0) !== (codec.groupKey(a) === codec.groupKey(b))) wrong++;
      }
    }
    t.equal(wrong, 0, `${type}: all pairs agree`);
  }
});

t.test('stored forms give back what they were given', async (t) => {
  const cx = datetimeContext();
  for (const form of datetimeStoredForms) {
    const type = form.tag === 17 ? 'interval' : 'timetz';
    const codec = codecOf(type);
    for (const value of valuesOf(type, cx)) {
      if (typeof value !== 'object' || value === null) throw new Error(`${type} is an object`);
      const out = new ByteWriter();
      const datums = { write: () => t.fail('no inner datums'), read: () => null };
      form.write(value, out, datums);
      const cursor = { bytes: out.copy(), position: 0, end: out.length };
      const back = form.read(cursor, datums);
      t.equal(hexOf(codec, back, cx), hexOf(codec, value, cx));
      t.equal(cursor.position, cursor.end);
      t.throws(() => form.read({ ...cursor, position: 0, end: cursor.end - 1 }, datums), { code: 'XX001' });
    }
  }
});

t.test('malformed binary values are refused', async (t) => {
  const cx = datetimeContext();
  const receive = (type: string, hex: string) => () =>
    codecOf(type).receive(Buffer.from(hex, 'hex'), 0, hex.length / 2, cx, -1);
  t.throws(receive('date', '000000'), { code: '08P01' });
  t.throws(receive('date', '0000000000'), { code: '22P03' });
  t.throws(receive('date', '80000001'), { code: '22008', message: 'date out of range' });
  t.throws(receive('time', 'ffffffffffffffff'), { code: '22008', message: 'time out of range' });
  t.throws(receive('timetz', '00000000000000000000e100'), { code: '22009' });
  t.throws(receive('timestamp', '8000000000000001'), { code: '22008', message: 'timestamp out of range' });
  t.throws(receive('interval', '00'), { code: '08P01' });
});

t.test('values of TimeZone', async (t) => {
  for (const [value, shown] of golden.zones) t.equal(canonicalTimeZone(value) ?? null, shown, value);
});

t.test('values of DateStyle', async (t) => {
  for (const [value, shown] of golden.dateStyles) {
    const parsed = parseDateStyle(value, { style: 'ISO', order: 'MDY' });
    t.equal(parsed === undefined ? null : `${parsed.style}, ${parsed.order}`, shown, value);
  }
});

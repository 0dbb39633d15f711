/** Calls of date and time functions, and inputs, give what PostgreSQL 15 gave under the same settings. */
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { datetimeFunctionFamilies } from '../../../src/sql/functions/datetime-families.js';
import { joinFamilies } from '../../../src/sql/functions/registry.js';
import type { Datum } from '../../../src/types/datum.js';
import type { TypeContext } from '../../../src/types/type-context.js';
import { ByteWriter } from '../../../src/util/byte-writer.js';
import { type Answer, codecOf, type DateTimeFunction, goldenContext, readGolden } from './datetime-golden.js';

const golden = readGolden();
const contexts = golden.settings.map((settings) => goldenContext(golden, settings));
const registered = joinFamilies(...datetimeFunctionFamilies);

function errorOf(error: unknown): Answer {
  if (!(error instanceof SqlError)) throw error;
  return [error.code, error.message, error.fields.detail ?? null, error.fields.hint ?? null];
}

function parse(type: string, text: string | null, cx: TypeContext): Datum {
  if (text === null || type === 'text') return text;
  return codecOf(type).parse(text, cx, -1);
}

function resultText(value: Datum, type: string, cx: TypeContext): string | null {
  if (value === null) return null;
  if (type === 'bool') return String(value);
  return type === 'text' && typeof value === 'string' ? value : codecOf(type).format(value, cx);
}

function answerTo(fn: DateTimeFunction, settings: number, texts: readonly (string | null)[]): Answer {
  const cx = contexts[settings];
  const entry = registered.get(fn.key);
  if (entry === undefined || entry.kind === 'set') throw new Error(`${fn.key} is not registered`);
  try {
    const args = texts.map((text, place) => parse(fn.types[place], text, cx));
    return resultText(entry.kind === 'plain' ? entry.call(...args) : entry.call(cx, ...args), fn.resultType, cx);
  } catch (error) {
    return errorOf(error);
  }
}

t.test('functions', async (t) => {
  for (const fn of golden.functions) {
    const wrong = fn.calls
      .map(([settings, args, expected]) => ({ settings, args, expected, actual: answerTo(fn, settings, args) }))
      .filter(({ expected, actual }) => JSON.stringify(expected) !== JSON.stringify(actual));
    t.same(wrong, [], `${fn.name}(${fn.types.join()})`);
  }
});

t.test('inputs', async (t) => {
  const wrong = [];
  for (const [index, type, typmod, text, expected, hex] of golden.inputs) {
    const cx = contexts[index];
    const codec = codecOf(type);
    let actual: Answer;
    let binary: string | null = null;
    try {
      const value = codec.parse(text, cx, typmod);
      actual = codec.format(value, cx);
      const out = new ByteWriter();
      codec.send(value, out, cx);
      binary = out.view().toString('hex');
      const bytes = out.copy();
      // Rounding may lead just beyond the range, where receiving fails in PostgreSQL too.
      const received = typmod < 0 ? codec.receive(bytes, 0, bytes.length, cx, -1) : value;
      if (codec.compare(received, value) !== 0) binary = 'differs when received';
      if (codec.groupKey(received) !== codec.groupKey(value)) binary = 'group key differs';
      if (codec.encodeKey(received) !== codec.encodeKey(value)) binary = 'ordered key differs';
    } catch (error) {
      actual = errorOf(error);
    }
    if (JSON.stringify([expected, hex]) !== JSON.stringify([actual, binary])) {
      wrong.push({ settings: golden.settings[index].timeZone, type, typmod, text, expected, actual, hex, binary });
    }
  }
  t.same(wrong, []);
});

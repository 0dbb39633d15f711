/** Number, text-cast and bit functions, inputs and aggregates against recorded answers of PostgreSQL 15 (test/tools/record-number-golden.ts). */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { bitFunctionFamilies } from '../../../src/sql/functions/bit-functions.js';
import { numberFunctionFamilies } from '../../../src/sql/functions/number-families.js';
import { numberFormatFunctions } from '../../../src/sql/functions/number-format-functions.js';
import { joinFamilies } from '../../../src/sql/functions/registry.js';
import { type Datum, PgArray } from '../../../src/types/datum.js';
import { ByteWriter } from '../../../src/util/byte-writer.js';
import {
  type AggregateGolden,
  type Answer,
  codecNamed,
  context,
  type NumberFunction,
  type NumberGolden,
} from './number-golden.js';

const GOLDEN = process.env.GOLDEN ?? new URL('../../../../test/golden/functions/numbers.json', import.meta.url);
const file: NumberGolden = JSON.parse(readFileSync(GOLDEN, 'utf8'));
const families = joinFamilies(...numberFunctionFamilies, ...bitFunctionFamilies, numberFormatFunctions);

function answerOf(action: () => string | null): Answer {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return [error.code, error.message, error.fields.detail ?? null];
  }
}

function call(name: string, args: Datum[]): Datum {
  const entry = families.get(name);
  if (entry === undefined || entry.kind === 'set') throw new Error(`${name} is not registered`);
  return entry.kind === 'plain' ? entry.call(...args) : entry.call(context, ...args);
}

function textOf(type: string, value: Datum): string | null {
  if (value === null) return null;
  if (type === 'bool') return value === true ? 'true' : 'false';
  const text = codecNamed(type).format(value, context);
  // The recorder casts to text, which takes the blanks from bpchar.
  return type === 'bpchar' ? text.replace(/ +$/, '') : text;
}

function run(golden: NumberFunction, args: readonly string[]): Answer {
  return answerOf(() => {
    const values = args.map((text, i) => codecNamed(golden.types[i]).parse(text, context, -1));
    return textOf(golden.resultType, call(golden.prosrc, values));
  });
}

t.test('functions', async (t) => {
  for (const golden of file.functions) {
    const wrong: unknown[] = [];
    for (const [args, wanted] of golden.calls) {
      let found: unknown;
      try {
        found = run(golden, args);
      } catch (error) {
        found = String(error);
      }
      if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ args, found, wanted });
    }
    const name = `${golden.prosrc}(${golden.types.join()})`;
    t.same(wrong.slice(0, 4), [], `${name}: ${wrong.length} of ${golden.calls.length} wrong`);
  }
});

t.test('input, output and binary form', async (t) => {
  for (const [type, typmod, text, wanted, binary] of file.inputs) {
    const codec = codecNamed(type);
    const found = answerOf(() => codec.format(codec.parse(text, context, typmod), context));
    t.same(found, wanted, `${type} ${typmod} ${JSON.stringify(text)}`);
    if (binary === null || typeof wanted !== 'string') continue;
    const value = codec.parse(text, context, typmod);
    const out = new ByteWriter();
    codec.send(value, out, context);
    t.equal(out.copy().toString('hex'), binary, `sent ${type} ${text}`);
    const bytes = Buffer.from(binary, 'hex');
    t.same(
      codec.format(codec.receive(bytes, 0, bytes.length, context, -1), context),
      wanted,
      `received ${type} ${text}`,
    );
  }
});

/** `{0,0,0}`: the initial state of an aggregate whose state is an array of floats or int8. */
function initialState(golden: AggregateGolden): Datum {
  if (golden.initial === null) return null;
  if (!golden.stateType.startsWith('_')) return codecNamed(golden.stateType).parse(golden.initial, context, -1);
  return PgArray.of(0, golden.initial.slice(1, -1).split(',').map(Number));
}

function aggregate(golden: AggregateGolden, rows: (string | null)[][]): Answer {
  return answerOf(() => {
    let state = initialState(golden);
    for (const row of rows) {
      const args = row.map((text, i) => (text === null ? null : codecNamed(golden.types[i]).parse(text, context, -1)));
      if (golden.strict && args.includes(null)) continue;
      if (golden.strict && state === null) state = args[0];
      else state = call(golden.transition, golden.transition === 'int8inc' ? [state] : [state, ...args]);
    }
    if (golden.final === null) return textOf(golden.resultType, state);
    return textOf(golden.resultType, call(golden.final, [state]));
  });
}

t.test('aggregates', async (t) => {
  for (const golden of file.aggregates) {
    const wrong: unknown[] = [];
    for (const [rows, wanted] of golden.calls) {
      let found: unknown;
      try {
        found = aggregate(golden, rows);
      } catch (error) {
        found = String(error);
      }
      if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ rows, found, wanted });
    }
    t.same(
      wrong.slice(0, 4),
      [],
      `${golden.name}(${golden.types.join()}): ${wrong.length} of ${golden.calls.length} wrong`,
    );
  }
});

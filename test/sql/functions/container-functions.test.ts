/** Container types and functions against recorded answers of PostgreSQL 15 (test/tools/record-container-golden.ts). */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { containerFunctionFamilies } from '../../../src/sql/functions/container-families.js';
import { type CallContext, joinFamilies } from '../../../src/sql/functions/registry.js';
import { type Datum, PgRecord } from '../../../src/types/datum.js';
import { isJsonbNode } from '../../../src/types/json/jsonb.js';
import * as oid from '../../../src/types/oids.js';
import { formatRecordLiteral } from '../../../src/types/record/record-literal.js';
import { TYPE_OIDS, testCallContext } from '../../types/container/test-context.js';
import { functionKey, type GoldenAnswer, type GoldenFile, type GoldenFunction } from './container-golden.js';

const GOLDEN = new URL('../../../../test/golden/functions/containers.json', import.meta.url);
const file: GoldenFile = JSON.parse(readFileSync(GOLDEN, 'utf8'));
const functions = joinFamilies(...containerFunctionFamilies);

const contexts = new Map<string, CallContext>();

function contextFor(types: readonly string[], resultType: string): CallContext {
  const key = `${types.join()}>${resultType}`;
  let context = contexts.get(key);
  if (context === undefined) {
    context = testCallContext(types, resultType);
    contexts.set(key, context);
  }
  return context;
}

/** The text of a member of a set, whose type is that of the value. */
function memberText(cx: CallContext, value: Datum | Datum[], prosrc: string): string | null {
  if (value === null) return null;
  if (Array.isArray(value)) return formatRecordLiteral(value.map((item) => memberText(cx, item, prosrc)));
  if (value instanceof PgRecord) return cx.codec(value.typeOid).format(value, cx);
  if (prosrc === 'multirange_unnest') return cx.codec(TYPE_OIDS.int4range).format(value, cx);
  if (prosrc.startsWith('jsonb_') && isJsonbNode(value) && !prosrc.endsWith('_text') && prosrc !== 'jsonb_object_keys')
    return cx.codec(oid.JSONB).format(value, cx);
  return String(value);
}

/** jsonb_each gives (key, value) rows: the key is text. */
function rowText(cx: CallContext, value: Datum | Datum[], prosrc: string): string | null {
  if (Array.isArray(value) && prosrc === 'jsonb_each')
    return formatRecordLiteral([String(value[0]), memberText(cx, value[1], prosrc)]);
  return memberText(cx, value, prosrc);
}

function booleanText(type: number, text: string | null): string | null {
  if (type !== oid.BOOL || text === null) return text;
  return text === 't' ? 'true' : 'false';
}

function run(golden: GoldenFunction, texts: readonly (string | null)[]): GoldenAnswer {
  const { prosrc, types, resultType, strict } = golden;
  const cx = contextFor(types, resultType);
  const entry = functions.get(prosrc);
  if (entry === undefined) throw new Error(`${prosrc} is not registered`);
  return answerOf(() => {
    const args = texts.map((text, i) => (text === null ? null : cx.codec(cx.argTypes[i]).parse(text, cx, -1)));
    if (entry.kind === 'set') {
      if (strict && args.includes(null)) return { rows: [] };
      return { rows: Array.from(entry.call(cx, ...args), (value) => rowText(cx, value, prosrc)) };
    }
    if (strict && args.includes(null)) return { value: null };
    const value = entry.kind === 'plain' ? entry.call(...args) : entry.call(cx, ...args);
    if (value === null) return { value: null };
    return { value: booleanText(cx.resultType, cx.codec(cx.resultType).format(value, cx)) };
  });
}

function answerOf(action: () => GoldenAnswer): GoldenAnswer {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { detail, hint } = error.fields;
    return {
      error: error.code,
      message: error.message,
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
    };
  }
}

t.test('functions', async (t) => {
  for (const golden of file.functions) {
    t.test(functionKey(golden), async (t) => {
      const wrong: unknown[] = [];
      for (const [args, wanted] of golden.calls) {
        const found = run(golden, args);
        if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ args, found, wanted });
      }
      t.same(wrong.slice(0, 5), [], `${wrong.length} of ${golden.calls.length} wrong`);
    });
  }
});

t.test('input and output', async (t) => {
  const cx = contextFor([], 'text');
  for (const type of new Set(file.inputs.map(([name]) => name))) {
    t.test(type, async (t) => {
      const codec = cx.codec(TYPE_OIDS[type]);
      const inputs = file.inputs.filter(([name]) => name === type);
      const wrong: unknown[] = [];
      for (const [, text, wanted] of inputs) {
        const found = answerOf(() => ({ value: codec.format(codec.parse(text, cx, -1), cx) }));
        if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ text, found, wanted });
      }
      t.same(wrong.slice(0, 5), [], `${wrong.length} of ${inputs.length} wrong`);
    });
  }
});

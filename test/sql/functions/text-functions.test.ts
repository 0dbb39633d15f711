/** Text functions against recorded answers of PostgreSQL 15 (test/tools/record-text-golden.ts). */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { joinFamilies } from '../../../src/sql/functions/registry.js';
import { textFunctionFamilies } from '../../../src/sql/functions/text-families.js';
import { ArrayCodec } from '../../../src/types/array/array-codec.js';
import { numberCodecs } from '../../../src/types/numbers/number-codecs.js';
import { numericCodecs } from '../../../src/types/numeric/numeric-codec.js';
import * as oid from '../../../src/types/oids.js';
import { byteCodecs } from '../../../src/types/text/byte-codecs.js';
import { textCodec } from '../../../src/types/text/character-codecs.js';
import { textCodecs } from '../../../src/types/text/text-codecs.js';
import type { TypeCodec } from '../../../src/types/type-codec.js';
import { testCallContext } from '../../types/container/test-context.js';
import type { GoldenAnswer, GoldenTextFile } from './text-golden.js';

const GOLDEN = new URL('../../../../test/golden/functions/texts.json', import.meta.url);
const file: GoldenTextFile = JSON.parse(readFileSync(GOLDEN, 'utf8'));
const functions = joinFamilies(...textFunctionFamilies);
const codecs = new Map<string, TypeCodec>([...numberCodecs, ...numericCodecs, ...textCodecs, ...byteCodecs]);
codecs.set('_text', new ArrayCodec(oid.TEXT, textCodec, ','));

function codecOf(name: string): TypeCodec {
  const codec = codecs.get(name);
  if (codec === undefined) throw new Error(`no codec of ${name}`);
  return codec;
}

const cx = testCallContext(['text', 'text'], 'text');

function run(golden: GoldenTextFile['functions'][number], texts: readonly string[]): GoldenAnswer {
  const entry = functions.get(golden.prosrc);
  if (entry === undefined || entry.kind === 'set') throw new Error(`${golden.prosrc} is not registered`);
  try {
    const args = texts.map((text, i) => codecOf(golden.types[i]).parse(text, cx, -1));
    const value = entry.kind === 'plain' ? entry.call(...args) : entry.call(cx, ...args);
    if (value === null) return { value: null };
    if (typeof value === 'boolean') return { value: String(value) };
    return { value: codecOf(golden.result).format(value, cx) };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { error: error.code, message: error.message };
  }
}

for (const golden of file.functions) {
  t.test(`${golden.prosrc}(${golden.types.join()})`, async (t) => {
    const wrong: unknown[] = [];
    for (const [args, wanted] of golden.calls) {
      const found = run(golden, args);
      if (JSON.stringify(found) !== JSON.stringify(wanted)) wrong.push({ args, found, wanted });
    }
    t.same(wrong.slice(0, 5), [], `${wrong.length} of ${golden.calls.length} wrong`);
  });
}

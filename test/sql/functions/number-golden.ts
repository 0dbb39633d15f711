/** The shape of the golden file of number, text and byte functions, and the context in which they are run. */
import type { CallContext, SessionServices } from '../../../src/sql/functions/registry.js';
import { bitCodecs } from '../../../src/types/bits/bit-codecs.js';
import { numberCodecs } from '../../../src/types/numbers/number-codecs.js';
import { numericCodecs } from '../../../src/types/numeric/numeric-codec.js';
import { byteCodecs } from '../../../src/types/text/byte-codecs.js';
import { textCodecs } from '../../../src/types/text/text-codecs.js';
import type { TypeCodec } from '../../../src/types/type-codec.js';
import type { TypeCatalog } from '../../../src/types/type-context.js';

/** Text of the result, or [SQLSTATE, message, detail or null]. */
export type Answer = string | null | [code: string, message: string, detail: string | null];

export interface NumberFunction {
  prosrc: string;
  name: string;
  types: string[];
  resultType: string;
  calls: [args: string[], answer: Answer][];
}

export interface NumberGolden {
  functions: NumberFunction[];
  /** Input through the type's input function with a modifier: output text, and the bytes of its binary form. */
  inputs: [type: string, typmod: number, text: string, answer: Answer, binary: string | null][];
  aggregates: AggregateGolden[];
}

/** An aggregate as pg_aggregate describes it (functions by prosrc), with its results over rows of arguments. */
export interface AggregateGolden {
  name: string;
  types: string[];
  transition: string;
  strict: boolean;
  final: string | null;
  stateType: string;
  initial: string | null;
  resultType: string;
  calls: [rows: (string | null)[][], answer: Answer][];
}

export const codecs: ReadonlyMap<string, TypeCodec> = new Map([
  ...numberCodecs,
  ...numericCodecs,
  ...textCodecs,
  ...byteCodecs,
  ...bitCodecs,
]);

export function codecNamed(name: string): TypeCodec {
  const codec = codecs.get(name);
  if (codec === undefined) throw new Error(`no codec for ${name}`);
  return codec;
}

/** These families ask for nothing but the settings. */
export const context: CallContext = {
  settings: {
    dateStyle: 'ISO',
    dateOrder: 'MDY',
    intervalStyle: 'postgres',
    timeZone: 'UTC',
    extraFloatDigits: 1,
    byteaOutput: 'hex',
  },
  catalog: {} as TypeCatalog,
  codec: (type) => {
    throw new Error(`no codec for ${type}`);
  },
  transactionTimestamp: 0,
  statementTimestamp: 0,
  argTypes: [],
  argTypmods: [],
  resultType: 0,
  variadicArray: false,
  session: {} as SessionServices,
};

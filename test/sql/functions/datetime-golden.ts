/** The recorded answers of PostgreSQL to calls of date and time functions and to inputs, and contexts to repeat them in. */
import { readFileSync } from 'node:fs';
import { notSupported } from '../../../src/errors/sql-error.js';
import type { CallContext, SessionServices } from '../../../src/sql/functions/registry.js';
import { builtinCodecs } from '../../../src/types/codecs.js';
import type { TypeCodec } from '../../../src/types/type-codec.js';
import type { TypeSettings } from '../../../src/types/type-context.js';

/** A text, NULL, or an error: SQLSTATE, message, detail, hint. */
export type Answer = string | null | [string, string, string | null, string | null];

export interface GoldenSettings {
  readonly timeZone: string;
  readonly dateStyle: TypeSettings['dateStyle'];
  readonly dateOrder: TypeSettings['dateOrder'];
  readonly intervalStyle: TypeSettings['intervalStyle'];
}

export interface DateTimeFunction {
  /** As it is registered. */
  readonly key: string;
  readonly name: string;
  readonly types: readonly string[];
  readonly resultType: string;
  readonly strict: boolean;
  /** Index into `settings`, arguments, answer. */
  readonly calls: [number, (string | null)[], Answer][];
}

export interface DateTimeGolden {
  /** Microseconds since 2000 of the recording, for what depends on today. */
  readonly now: number;
  readonly settings: readonly GoldenSettings[];
  readonly functions: DateTimeFunction[];
  /** Settings, type, typmod, text, answer as text, binary form in hex. */
  readonly inputs: [number, string, number, string, Answer, string | null][];
}

export function readGolden(): DateTimeGolden {
  const url = new URL('../../../../test/golden/functions/datetime.json', import.meta.url);
  const golden: DateTimeGolden = JSON.parse(readFileSync(url, 'utf8'));
  return golden;
}

export function codecOf(type: string): TypeCodec {
  const codec = builtinCodecs.get(type);
  if (codec === undefined) throw new Error(`no codec of ${type}`);
  return codec;
}

function missing(): never {
  throw notSupported('a service of the session');
}

const session: SessionServices = {
  database: 'test',
  currentUser: 'test',
  sessionUser: 'test',
  backendPid: 1,
  searchPath: () => [],
  getSetting: () => undefined,
  setSetting: missing,
  notice: missing,
  nextval: missing,
  currval: missing,
  lastval: missing,
  setval: missing,
  random: () => 0.5,
  setSeed: missing,
  clockTimestamp: () => 0,
};

export function goldenContext(golden: DateTimeGolden, settings: GoldenSettings): CallContext {
  return {
    settings: { ...settings, extraFloatDigits: 1, byteaOutput: 'hex' },
    catalog: {
      enumLabel: missing,
      enumValue: missing,
      enumSortOrder: missing,
      compositeFields: missing,
      elementType: missing,
      arrayType: missing,
      formatType: missing,
      regIn: missing,
      regOut: missing,
      roleName: missing,
      roleOid: missing,
      collation: () => undefined,
    },
    codec: missing,
    transactionTimestamp: golden.now,
    statementTimestamp: golden.now,
    argTypes: [],
    argTypmods: [],
    resultType: 0,
    variadicArray: false,
    session,
  };
}

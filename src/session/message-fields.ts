/** What messages say of columns and parameters: row descriptions, result formats, parameter values. */
import type { CatalogView } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { OutputField } from '../sql/plan/planned-statement.js';
import type { Datum } from '../types/datum.js';
import { decodeUtf8 } from '../types/text/utf8-input.js';
import type { TypeContext } from '../types/type-context.js';
import type { Task } from '../util/task.js';
import { inParameter } from './parameter-context.js';
import type { Prepared } from './prepared.js';
import type { FieldDescription, Format } from './result-sink.js';
import type { Session } from './session.js';
import type { Settings } from './settings.js';
import type { BindParameters } from './wire-session.js';

/** Result columns; null when the statement gives no rows. */
export function fieldsOf(prepared: Prepared): readonly OutputField[] | null {
  return prepared.planned?.fields ?? prepared.utilityFields;
}

/** The statement's result columns as clients are told of them, made once for each of its plans. */
export function describeFields(
  session: Session,
  prepared: Prepared,
  fields: readonly OutputField[] | null,
): readonly FieldDescription[] | null {
  if (fields === null) return null;
  if (prepared.described !== fields) {
    prepared.described = fields;
    prepared.descriptions = describe(session, fields);
  }
  return prepared.descriptions;
}

function describe(session: Session, fields: readonly OutputField[]): FieldDescription[] {
  const view = session.environment.catalog;
  return fields.map((field) => {
    let { typmod } = field;
    let type = view.type(field.type);
    // Clients are told what a domain is made of.
    while (type?.kind === 'd') {
      typmod = type.typmod;
      type = view.type(type.baseType);
    }
    const { name, tableOid, columnNumber } = field;
    return { name, tableOid, columnNumber, typeOid: type?.oid ?? field.type, typeLength: type?.len ?? -1, typmod };
  });
}

/** Whether a parameter may take long to read: `readLongParameters` is for such messages. */
export function hasLongParameter(cx: TypeContext, prepared: Prepared, parameters: BindParameters): boolean {
  const { starts, ends } = parameters;
  if (starts.length === 0 || ends[starts.length - 1] - starts[0] < MIN_LONG_BYTES) return false;
  return prepared.parameterTypes.some((type, i) => isLongParameter(cx, type, parameters, i));
}

/** In bytes of all parameters. */
const MIN_LONG_BYTES = 4096;

function isLongParameter(cx: TypeContext, type: number, { starts, ends, formats }: BindParameters, i: number): boolean {
  const { slow } = cx.codec(type);
  return slow !== undefined && starts[i] >= 0 && formats[i] !== 1 && ends[i] - starts[i] > slow.longText;
}

/** As readParameters, long texts in slices. The message is not needed any more after the first wait. */
export function* readLongParameters(
  cx: TypeContext,
  prepared: Prepared,
  parameters: BindParameters,
  settings: Settings,
  portal: string,
): Task<Datum[]> {
  const { parameterTypes: types } = prepared;
  const tasks = types.map((type, i) => {
    const { slow } = cx.codec(type);
    if (slow === undefined || !isLongParameter(cx, type, parameters, i)) return null;
    return slow.parse(decodeUtf8(parameters.bytes, parameters.starts[i], parameters.ends[i]), cx);
  });
  const starts = parameters.starts.map((start, i) => (tasks[i] == null ? start : -1));
  const values = readParameters(cx, prepared, { ...parameters, starts }, settings, portal);
  for (const [i, task] of tasks.entries()) if (task !== null) values[i] = yield* task;
  return values;
}

/** The values of a Bind message, read with the codecs of the parameters' types. @throws SqlError with the parameter as context */
export function readParameters(
  cx: TypeContext,
  prepared: Prepared,
  parameters: BindParameters,
  settings: Settings,
  portal: string,
): Datum[] {
  const types = prepared.parameterTypes;
  if (parameters.starts.length !== types.length) {
    throw sqlError(
      'protocol_violation',
      `bind message supplies ${parameters.starts.length} parameters, but prepared statement "${prepared.name}" requires ${types.length}`,
    );
  }
  let at = 0;
  try {
    return types.map((type, i) => {
      at = i;
      const start = parameters.starts[i];
      if (start < 0) return null;
      const codec = cx.codec(type);
      if (parameters.formats[i] === 1) return codec.receive(parameters.bytes, start, parameters.ends[i], cx, -1);
      return codec.parse(decodeUtf8(parameters.bytes, start, parameters.ends[i]), cx, -1);
    });
  } catch (error) {
    throw inParameter(error, parameters, at, settings, portal);
  }
}

const SHARED_COLUMNS = 64;
const SHARED: readonly (readonly Format[])[][] = ([0, 1] as const).map((format) =>
  Array.from({ length: SHARED_COLUMNS }, (_, count) => new Array<Format>(count).fill(format)),
);

function uniformFormats(format: Format, count: number): readonly Format[] {
  return count < SHARED_COLUMNS ? SHARED[format][count] : new Array<Format>(count).fill(format);
}

/** One format for each of `count` columns: none given means text, one is for all. Few columns share their arrays. */
export function expandFormats(given: readonly Format[], count: number): readonly Format[] {
  if (given.length === 0) return uniformFormats(0, count);
  if (given.length === 1) return uniformFormats(given[0], count);
  if (given.length !== count) {
    throw sqlError(
      'protocol_violation',
      `bind message has ${given.length} result formats but query has ${count} columns`,
    );
  }
  return [...given];
}

/** The types that Parse gives for parameters: 0 leaves one open. @throws SqlError 42704 */
export function checkParameterTypes(view: CatalogView, types: readonly number[]): void {
  for (const type of types) {
    if (type !== 0 && view.type(type) === undefined) {
      throw sqlError('undefined_object', `type with OID ${type} does not exist`);
    }
  }
}

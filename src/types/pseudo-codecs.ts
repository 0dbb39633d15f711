/**
 * Codecs of types whose values are passed around but hardly stored: void, pseudo-types, and texts under another name
 * (refcursor, pg_node_tree).
 */
import { sqlError } from '../errors/sql-error.js';
import type { ByteWriter } from '../util/byte-writer.js';
import { aclItemCodec } from './acl/acl-codec.js';
import { arrayCodec } from './array/array-codec.js';
import type { Datum } from './datum.js';
import { PgArray, PgRecord } from './datum.js';
import { RECORD } from './oids.js';
import { textCodecs } from './text/text-codecs.js';
import type { TypeCodec } from './type-codec.js';
import type { TypeContext } from './type-context.js';

function refuse(name: string): never {
  throw sqlError('feature_not_supported', `cannot accept a value of type ${name}`);
}

/** A pseudo-type: nothing can be read, and only void has a text form. */
function pseudoCodec(name: string): TypeCodec {
  return {
    parse: () => (name === 'void' ? '' : refuse(name)),
    format: () => '',
    receive: () => (name === 'void' ? '' : refuse(name)),
    send: () => undefined,
    compare: () => 0,
    groupKey: () => '',
    encodeKey: () => '',
  };
}

/** anyarray: each value knows its element type. */
const anyArrayCodec: TypeCodec = {
  parse: () => refuse('anyarray'),
  format: (value: Datum, cx: TypeContext) =>
    value instanceof PgArray ? arrayCodec(value.elementType, cx.codec(value.elementType), ',').format(value, cx) : '',
  receive: () => refuse('anyarray'),
  send: (value: Datum, out: ByteWriter, cx: TypeContext) => {
    if (value instanceof PgArray) arrayCodec(value.elementType, cx.codec(value.elementType), ',').send(value, out, cx);
  },
  compare: () => 0,
  groupKey: (value: Datum) => JSON.stringify(value),
  encodeKey: () => refuse('anyarray'),
};

/** Lists of common values are shown as bytes, as PostgreSQL does; pg_mcv_list_items() reads them. */
function figuresText(value: Datum, cx: TypeContext): string {
  if (!(value instanceof PgRecord)) return String(value);
  return `\\x${Buffer.from(cx.codec(RECORD).format(value, cx)).toString('hex')}`;
}

/** What extended statistics have found, as text. Only ANALYZE makes values. */
function figuresCodec(name: string): TypeCodec {
  return {
    ...pseudoCodec(name),
    parse: () => refuse(name),
    format: (value: Datum, cx: TypeContext) => figuresText(value, cx),
    send: (value: Datum, out: ByteWriter, cx: TypeContext) => {
      out.utf8(figuresText(value, cx));
    },
    groupKey: (value: Datum) => JSON.stringify(value),
  };
}

const text = textCodecs.get('text');
if (text === undefined) throw new Error('the text codec is missing');

export const pseudoCodecs: ReadonlyMap<string, TypeCodec> = new Map<string, TypeCodec>([
  ...['void', 'trigger', 'internal', 'any', 'anyelement', 'event_trigger', 'language_handler'].map(
    (name): [string, TypeCodec] => [name, pseudoCodec(name)],
  ),
  ...['pg_ndistinct', 'pg_dependencies', 'pg_mcv_list'].map((name): [string, TypeCodec] => [name, figuresCodec(name)]),
  ...['pg_brin_bloom_summary', 'pg_brin_minmax_multi_summary'].map((name): [string, TypeCodec] => [
    name,
    pseudoCodec(name),
  ]),
  ['anyarray', anyArrayCodec],
  ['refcursor', text],
  ['pg_node_tree', text],
  ['aclitem', aclItemCodec],
]);

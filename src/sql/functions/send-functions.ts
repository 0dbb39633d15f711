/** Binary output functions as SQL can call them: `int4send(1)` gives the bytes that the protocol would carry. */
import type { Datum } from '../../types/datum.js';
import { ByteWriter } from '../../util/byte-writer.js';
import { contextFunctions, type FunctionFamily } from './registry.js';

const NAMES = `anyarray_send array_send anycompatiblearray_send bit_send boolsend bpcharsend byteasend cash_send charsend cidr_send
  cidsend date_send enum_send float4send float8send inet_send int2send int2vectorsend int4send int8send interval_send
  json_send jsonb_send jsonpath_send macaddr8_send macaddr_send multirange_send namesend numeric_send oidsend
  oidvectorsend pg_lsn_send range_send record_send regclasssend regcollationsend regnamespacesend regoperatorsend
  regopersend regproceduresend regprocsend regrolesend regtypesend textsend tidsend time_send timestamp_send
  timestamptz_send timetz_send unknownsend uuid_send varbit_send varcharsend xid8send xidsend pg_snapshot_send
  void_send pg_node_tree_send`;

export const sendFunctions: FunctionFamily = contextFunctions(
  Object.fromEntries(
    NAMES.trim()
      .split(/\s+/)
      .map((name) => [
        name,
        (cx, value: Datum) => {
          const out = new ByteWriter();
          cx.codec(cx.argTypes[0]).send(value, out, cx);
          return Uint8Array.from(out.view());
        },
      ]),
  ),
);

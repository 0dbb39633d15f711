/** Functions that tell about catalog objects: names, visibility, comments, sizes. */

import { permissionDenied } from '../../catalog/acl/access-errors.js';
import { rowRights } from '../../catalog/acl/rights.js';
import { describeObject } from '../../catalog/ddl/object-description.js';
import { formatType } from '../../catalog/format-type.js';
import { DEFAULT_TABLESPACE, PG_READ_ALL_STATS } from '../../catalog/known-oids.js';
import { actsAs } from '../../catalog/role-membership.js';
import { sqlError } from '../../errors/sql-error.js';
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import { bitsOfLetters } from '../../types/acl/acl-item.js';
import type { Numeric } from '../../types/numeric/numeric.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import { awaitPromise } from '../../util/task.js';
import { prettyNumeric, prettySize, sizeInBytes } from './byte-sizes.js';
import { sessionOf, waitFor } from './session-of.js';

const PG_CLASS = 1259;

function comment(cx: CallContext, object: number, classId: number, subId: number): string | null {
  const rows = sessionOf(cx).catalog.rows('pg_description_o_c_o_index', [object, classId, subId]);
  return rows[0]?.text('description') ?? null;
}

function classOf(cx: CallContext, catalog: string): number {
  const view = sessionOf(cx).catalog;
  return view.relationByName(catalog, view.namespaceByName('pg_catalog')?.oid ?? null)?.oid ?? 0;
}

/** Bytes of a relation's own storage. */
function ownSize(cx: CallContext, relation: number): number | null {
  const { catalog, store } = sessionOf(cx);
  const desc = catalog.relation(relation);
  if (desc !== undefined) {
    if (desc.storage === 0) return 0;
    if (desc.kind === 'i') return waitFor(cx, () => awaitPromise(store.index(desc.storage).diskSize()));
    return waitFor(cx, () => awaitPromise(store.heap(desc.storage, { columns: desc.attributes.length }).diskSize()));
  }
  return null;
}

/** Bytes of all indexes of a relation. */
function indexesSize(cx: CallContext, relation: number): number | null {
  const { catalog, store } = sessionOf(cx);
  const desc = catalog.relation(relation);
  if (desc === undefined) return null;
  return waitFor(cx, () =>
    awaitPromise(
      Promise.all(desc.indexes.map((index) => store.index(index.storage).diskSize())).then((sizes) =>
        sizes.reduce((a, b) => a + b, 0),
      ),
    ),
  );
}

function totalSize(cx: CallContext, relation: number): number | null {
  const { catalog, store } = sessionOf(cx);
  const desc = catalog.relation(relation);
  if (desc === undefined) return null;
  return waitFor(cx, () =>
    awaitPromise(
      (async () => {
        let total = 0;
        if (desc.storage !== 0)
          total +=
            desc.kind === 'i'
              ? await store.index(desc.storage).diskSize()
              : await store.heap(desc.storage, { columns: desc.attributes.length }).diskSize();
        for (const index of desc.indexes) total += await store.index(index.storage).diskSize();
        return total;
      })(),
    ),
  );
}

export const catalogFunctions: FunctionFamily = contextFunctions({
  pg_get_userbyid: (cx, role: number) => sessionOf(cx).catalog.role(role)?.name ?? `unknown (OID=${role})`,
  pg_table_is_visible: (cx, relation: number) =>
    visible(
      cx,
      relation,
      () => sessionOf(cx).catalog.relation(relation) !== undefined,
      (view) => view.relationVisible(relation),
    ),
  pg_type_is_visible: (cx, type: number) =>
    visible(
      cx,
      type,
      () => sessionOf(cx).catalog.type(type) !== undefined,
      (view) => view.typeVisible(type),
    ),
  pg_function_is_visible: (cx, proc: number) =>
    visible(
      cx,
      proc,
      () => sessionOf(cx).catalog.proc(proc) !== undefined,
      (view) => view.procVisible(proc),
    ),
  pg_operator_is_visible: (cx, operator: number) =>
    visible(
      cx,
      operator,
      () => sessionOf(cx).catalog.operator(operator) !== undefined,
      (view) => view.operatorVisible(operator),
    ),
  pg_opclass_is_visible: () => true,
  pg_opfamily_is_visible: () => true,
  pg_collation_is_visible: () => true,
  pg_conversion_is_visible: () => true,
  pg_ts_config_is_visible: () => true,
  pg_ts_dict_is_visible: () => true,
  pg_ts_parser_is_visible: () => true,
  pg_ts_template_is_visible: () => true,
  format_type: (cx, type: number | null, typmod: number | null) =>
    type === null ? null : formatType(sessionOf(cx).catalog, type, typmod),
  'obj_description(oid,name)': (cx, object: number, catalog: string) => comment(cx, object, classOf(cx, catalog), 0),
  'obj_description(oid)': (cx, object: number) => comment(cx, object, PG_CLASS, 0),
  'col_description(oid,int4)': (cx, relation: number, column: number) => comment(cx, relation, PG_CLASS, column),
  'shobj_description(oid,name)': (cx, object: number, catalog: string) => {
    const rows = sessionOf(cx).catalog.rows('pg_shdescription_o_c_index', [object, classOf(cx, catalog)]);
    return rows[0]?.text('description') ?? null;
  },
  pg_describe_object: (cx, classId: number, objectId: number, subId: number) =>
    describeObject(sessionOf(cx).catalog, { classId, objectId, subId }) ?? null,
  pg_get_serial_sequence: (cx, table: string, column: string) => serialSequence(cx, table, column),
  pg_get_function_arg_default: () => null,
  pg_get_function_sqlbody: () => null,
  pg_relation_size: (cx, relation: number, fork: string) => (fork === 'main' ? ownSize(cx, relation) : 0),
  'pg_relation_size(regclass)': (cx, relation: number) => ownSize(cx, relation),
  pg_table_size: (cx, relation: number) => ownSize(cx, relation),
  pg_indexes_size: (cx, relation: number) => indexesSize(cx, relation),
  pg_total_relation_size: (cx, relation: number) => totalSize(cx, relation),
  pg_database_size_name: (cx, name: string) => {
    const row = sessionOf(cx).catalog.rows('pg_database_datname_index', [name])[0];
    if (row !== undefined) return sizeOfDatabase(cx, row.number('oid'));
    throw sqlError('undefined_database', `database "${name}" does not exist`);
  },
  pg_database_size_oid: (cx, database: number) => sizeOfDatabase(cx, database),
  pg_size_pretty_numeric: (_cx, size: Numeric) => prettyNumeric(size),
  pg_size_bytes: (cx, text: string) => sizeInBytes(cx, text),
  pg_size_pretty: (_cx, size: number | bigint) => prettySize(BigInt(size)),
  pg_relation_filenode: (cx, relation: number) => sessionOf(cx).catalog.relation(relation)?.storage ?? null,
  pg_tablespace_size_name: (cx, name: string) => tablespaceSize(cx, name === 'pg_default'),
  pg_tablespace_size_oid: (cx, tablespace: number) => tablespaceSize(cx, tablespace === DEFAULT_TABLESPACE),
  pg_tablespace_location: () => '',
  pg_relation_is_publishable: (cx, relation: number) => sessionOf(cx).catalog.relation(relation)?.kind === 'r',
  row_security_active: () => false,
  row_security_active_name: () => false,
  pg_get_partkeydef: () => null,
  pg_get_partition_constraintdef: () => null,
  pg_get_replica_identity_index: (cx, relation: number) => {
    const primary = sessionOf(cx)
      .catalog.relation(relation)
      ?.indexes.find((index) => index.primary);
    return primary?.oid ?? null;
  },
});

const CONNECT = bitsOfLetters('c');

/** Null when there is none. @throws SqlError 42501 without CONNECT and pg_read_all_stats */
function sizeOfDatabase(cx: CallContext, database: number): number | null {
  const { catalog, currentRole } = sessionOf(cx);
  const row = catalog.rows('pg_database_oid_index', [database])[0];
  if (row === undefined) return null;
  const { privileges } = rowRights(catalog, currentRole, 'd', database) ?? { privileges: 0 };
  if ((privileges & CONNECT) === 0 && !actsAs(catalog, currentRole, PG_READ_ALL_STATS))
    throw permissionDenied('database', row.text('datname'));
  return waitFor(cx, () => awaitPromise(sessionOf(cx).databaseSize(database)));
}

/** Everything is in the default tablespace. */
function tablespaceSize(cx: CallContext, isDefault: boolean): number {
  return isDefault ? waitFor(cx, () => awaitPromise(sessionOf(cx).databaseSize())) : 0;
}

type View = ReturnType<typeof sessionOf>['catalog'];

function visible(
  cx: CallContext,
  _object: number,
  exists: () => boolean,
  test: (view: View) => boolean,
): boolean | null {
  return exists() ? test(sessionOf(cx).catalog) : null;
}

function serialSequence(cx: CallContext, table: string, column: string): string | null {
  const { catalog, types } = sessionOf(cx);
  const relation = catalog.relation(types.catalog.regIn('regclass', table));
  const attribute = relation?.attributes.find((candidate) => candidate.name === column && !candidate.dropped);
  if (relation === undefined || attribute === undefined) return null;
  for (const row of catalog.rows('pg_depend_reference_index', [PG_CLASS, relation.oid, attribute.number])) {
    const sequence = catalog.relation(row.number('objid'));
    if (row.number('classid') === PG_CLASS && sequence?.kind === 'S' && 'ai'.includes(row.text('deptype'))) {
      return `${quoteIdentifier(catalog.namespace(sequence.namespace)?.name ?? '')}.${quoteIdentifier(sequence.name)}`;
    }
  }
  return null;
}

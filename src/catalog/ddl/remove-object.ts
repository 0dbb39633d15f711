/**
 * Removes the rows and the storage of one object, and what is recorded about it (dependencies, comments). What
 * depends on it has been dealt with by drop-object.ts.
 */
import type { Task } from '../../util/task.js';
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import { CLASS } from '../known-oids.js';
import { forgetDependencies, type ObjectAddress } from './dependencies.js';

type Remover = (writer: CatalogWriter, object: ObjectAddress) => Task<void>;

/** Objects that are one row, found by OID. */
const byOid = (index: string): Remover =>
  function* (writer, object) {
    yield* writer.deleteAll(index, [object.objectId]);
  };

const REMOVERS: ReadonlyMap<number, Remover> = new Map<number, Remover>([
  [CLASS.pg_class, removeRelationOrColumn],
  [CLASS.pg_type, removeType],
  [CLASS.pg_proc, removeProc],
  [CLASS.pg_constraint, removeConstraint],
  [CLASS.pg_attrdef, removeDefault],
  [CLASS.pg_rewrite, byOid('pg_rewrite_oid_index')],
  [CLASS.pg_namespace, byOid('pg_namespace_oid_index')],
  [CLASS.pg_cast, byOid('pg_cast_oid_index')],
  [CLASS.pg_operator, byOid('pg_operator_oid_index')],
  [CLASS.pg_opclass, byOid('pg_opclass_oid_index')],
  [CLASS.pg_opfamily, byOid('pg_opfamily_oid_index')],
  [CLASS.pg_amop, byOid('pg_amop_oid_index')],
  [CLASS.pg_amproc, byOid('pg_amproc_oid_index')],
  [CLASS.pg_trigger, byOid('pg_trigger_oid_index')],
  [CLASS.pg_policy, byOid('pg_policy_oid_index')],
  [CLASS.pg_extension, byOid('pg_extension_oid_index')],
  [CLASS.pg_language, byOid('pg_language_oid_index')],
  [CLASS.pg_collation, byOid('pg_collation_oid_index')],
  [CLASS.pg_conversion, byOid('pg_conversion_oid_index')],
  [CLASS.pg_default_acl, byOid('pg_default_acl_oid_index')],
  [CLASS.pg_publication, byOid('pg_publication_oid_index')],
  [CLASS.pg_statistic_ext, removeStatistics],
]);

export function* removeObject(writer: CatalogWriter, object: ObjectAddress): Task<void> {
  const remover = REMOVERS.get(object.classId);
  if (remover === undefined) throw new Error(`objects of system table ${object.classId} cannot be removed`);
  yield* remover(writer, object);
  yield* forgetDependencies(writer, object);
  const comments = [object.objectId, object.classId];
  yield* writer.deleteAll('pg_description_o_c_o_index', object.subId === 0 ? comments : [...comments, object.subId]);
}

const WITHOUT_STORAGE = 'vcfpI';

function* removeRelationOrColumn(writer: CatalogWriter, object: ObjectAddress): Task<void> {
  if (object.subId !== 0) {
    yield* removeColumn(writer, object);
    return;
  }
  const oid = object.objectId;
  const relation = writer.findOne('pg_class_oid_index', [oid]);
  if (relation === undefined) return;
  const kind = relation.text('relkind');
  if (!WITHOUT_STORAGE.includes(kind)) writer.store.drop(writer.transaction, relation.number('relfilenode') || oid);
  if (kind === 'i' || kind === 'I') yield* writer.deleteAll('pg_index_indexrelid_index', [oid]);
  if (kind === 'S') yield* writer.deleteAll('pg_sequence_seqrelid_index', [oid]);
  yield* writer.deleteAll('pg_inherits_relid_seqno_index', [oid]);
  yield* writer.deleteAll('pg_statistic_relid_att_inh_index', [oid]);
  yield* writer.deleteAll('pg_attribute_relid_attnum_index', [oid]);
  yield* writer.delete(relation);
}

/** A dropped column keeps its place in stored rows; its attribute row becomes a marker of its width. */
function* removeColumn(writer: CatalogWriter, { objectId, subId }: ObjectAddress): Task<void> {
  const column = writer.findOne('pg_attribute_relid_attnum_index', [objectId, subId]);
  if (column === undefined) return;
  yield* writer.update(column, {
    attname: `........pg.dropped.${subId}........`,
    atttypid: 0,
    attnotnull: false,
    attstattarget: 0,
    attgenerated: '',
    attidentity: '',
    attisdropped: true,
    atthasmissing: false,
    attmissingval: null,
    attacl: null,
    attoptions: null,
    attfdwoptions: null,
  });
  yield* writer.deleteAll('pg_statistic_relid_att_inh_index', [objectId, subId]);
}

function* removeType(writer: CatalogWriter, { objectId }: ObjectAddress): Task<void> {
  yield* writer.deleteAll('pg_enum_typid_sortorder_index', [objectId]);
  yield* writer.deleteAll('pg_range_rngtypid_index', [objectId]);
  yield* writer.deleteAll('pg_type_oid_index', [objectId]);
}

function* removeStatistics(writer: CatalogWriter, { objectId }: ObjectAddress): Task<void> {
  yield* writer.deleteAll('pg_statistic_ext_data_stxoid_inh_index', [objectId]);
  yield* writer.deleteAll('pg_statistic_ext_oid_index', [objectId]);
}

function* removeProc(writer: CatalogWriter, { objectId }: ObjectAddress): Task<void> {
  yield* writer.deleteAll('pg_aggregate_fnoid_index', [objectId]);
  yield* writer.deleteAll('pg_proc_oid_index', [objectId]);
}

function* removeConstraint(writer: CatalogWriter, { objectId }: ObjectAddress): Task<void> {
  const constraint = writer.findOne('pg_constraint_oid_index', [objectId]);
  if (constraint === undefined) return;
  const relation = relationOf(writer, constraint, 'conrelid');
  if (constraint.text('contype') === 'c' && relation !== undefined) {
    yield* writer.update(relation, { relchecks: relation.number('relchecks') - 1 });
  }
  yield* writer.delete(constraint);
}

function* removeDefault(writer: CatalogWriter, { objectId }: ObjectAddress): Task<void> {
  const found = writer.findOne('pg_attrdef_oid_index', [objectId]);
  if (found === undefined) return;
  const key = [found.number('adrelid'), found.number('adnum')];
  const column = writer.findOne('pg_attribute_relid_attnum_index', key);
  if (column !== undefined) yield* writer.update(column, { atthasdef: false, attgenerated: '' });
  yield* writer.delete(found);
}

function relationOf(writer: CatalogWriter, row: CatalogEntry, column: string): CatalogEntry | undefined {
  return writer.findOne('pg_class_oid_index', [row.number(column)]);
}

/**
 * Dependencies between objects (pg_depend) and their addresses; those on roles are in shared-dependencies.ts. Built-in objects are pinned:
 * nobody can drop them, so nothing is recorded about depending on them.
 */
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import { CLASS, FIRST_UNPINNED_OID, PUBLIC_NAMESPACE } from '../known-oids.js';
import { forgetShared } from './shared-dependencies.js';

/** Names any object of the database; `subId` is a column's number or 0. */
export interface ObjectAddress {
  readonly classId: number;
  readonly objectId: number;
  readonly subId: number;
}

export function address(table: keyof typeof CLASS, objectId: number, subId = 0): ObjectAddress {
  return { classId: CLASS[table], objectId, subId };
}

/**
 * n normal: dropping the referenced object needs CASCADE. a auto: the dependent goes silently with it. i internal:
 * the dependent is a part of it and cannot be dropped alone. e member of an extension. P, S: of a partition.
 */
export type DependencyType = 'n' | 'a' | 'i' | 'e' | 'P' | 'S';

function isPinned({ classId, objectId }: ObjectAddress): boolean {
  if (classId === CLASS.pg_database) return false;
  if (classId === CLASS.pg_namespace && objectId === PUBLIC_NAMESPACE) return false;
  return objectId < FIRST_UNPINNED_OID;
}

/** Records that `dependent` needs `referenced`; duplicates and pinned objects are left out. */
export function* recordDependencies(
  writer: CatalogWriter,
  dependent: ObjectAddress,
  referenced: readonly ObjectAddress[],
  type: DependencyType,
): Task<void> {
  const seen = new Set<string>();
  for (const object of referenced) {
    const key = `${object.classId},${object.objectId},${object.subId}`;
    if (isPinned(object) || seen.has(key)) continue;
    seen.add(key);
    yield* writer.insert('pg_depend', {
      classid: dependent.classId,
      objid: dependent.objectId,
      objsubid: dependent.subId,
      refclassid: object.classId,
      refobjid: object.objectId,
      refobjsubid: object.subId,
      deptype: type,
    });
  }
}

export function* recordDependency(
  writer: CatalogWriter,
  dependent: ObjectAddress,
  referenced: ObjectAddress,
  type: DependencyType,
): Task<void> {
  yield* recordDependencies(writer, dependent, [referenced], type);
}

/** Moves one reference, such as that to the schema when an object moves to another. */
export function* changeReference(
  writer: CatalogWriter,
  object: ObjectAddress,
  from: ObjectAddress,
  to: ObjectAddress,
): Task<void> {
  const rows = writer
    .find('pg_depend_depender_index', [object.classId, object.objectId, object.subId])
    .filter((row) => row.number('refclassid') === from.classId && row.number('refobjid') === from.objectId);
  for (const row of rows) yield* writer.delete(row);
  yield* recordDependency(writer, object, to, 'n');
}

/** Removes what is recorded about the needs of a dropped object; of a whole object, also of its columns. */
export function* forgetDependencies(writer: CatalogWriter, object: ObjectAddress): Task<void> {
  const key = [object.classId, object.objectId];
  yield* writer.deleteAll('pg_depend_depender_index', object.subId === 0 ? key : [...key, object.subId]);
  yield* forgetShared(writer, object);
}

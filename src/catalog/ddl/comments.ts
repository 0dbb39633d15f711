/**
 * COMMENT ON: rows of pg_description and, for shared objects, pg_shdescription.
 */
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import { CLASS } from '../known-oids.js';
import type { ObjectAddress } from './dependencies.js';

const SHARED: ReadonlySet<number> = new Set([CLASS.pg_authid, CLASS.pg_database, CLASS.pg_tablespace]);

/** Sets, replaces or (with null or an empty text) removes a comment. */
export function* setComment(writer: CatalogWriter, object: ObjectAddress, text: string | null): Task<void> {
  const shared = SHARED.has(object.classId);
  const key = [object.objectId, object.classId];
  const existing = shared
    ? writer.findOne('pg_shdescription_o_c_index', key)
    : writer.findOne('pg_description_o_c_o_index', [...key, object.subId]);
  if (text === null || text === '') {
    if (existing !== undefined) yield* writer.delete(existing);
  } else if (existing !== undefined) {
    yield* writer.update(existing, { description: text });
  } else {
    const row = { objoid: object.objectId, classoid: object.classId, description: text };
    yield* shared
      ? writer.insert('pg_shdescription', row)
      : writer.insert('pg_description', { ...row, objsubid: object.subId });
  }
}

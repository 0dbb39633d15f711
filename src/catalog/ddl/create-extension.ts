/** The rows of an extension: its own, those of its members, and what ties them. */

import type { Datum } from '../../types/datum.js';
import * as types from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import type { ExtensionFacts } from '../extension-facts.js';
import { CLASS } from '../known-oids.js';
import type { JsonValue } from '../system-data.js';
import { datumOfJson } from '../system-tables.js';
import { address, type ObjectAddress, recordDependency } from './dependencies.js';
import { recordOwner } from './shared-dependencies.js';

/** Languages whose functions are found by their names in the server's own code. */
const INTERNAL = 12;
const SQL = 14;
const OID_ARRAY = 1028;

/** Types of columns that name objects. */
const REFERENCES: ReadonlySet<number> = new Set([types.OID, types.REGPROC, types.REGTYPE, types.OIDVECTOR, OID_ARRAY]);

/** Tables whose rows belong to a row of another one: the column that names it, and its table. */
const PARTS: Readonly<Record<string, readonly [column: string, table: keyof typeof CLASS]>> = {
  pg_amop: ['amopfamily', 'pg_opfamily'],
  pg_amproc: ['amprocfamily', 'pg_opfamily'],
};

export interface ExtensionPlace {
  /** OID of the schema of its members. */
  readonly namespace: number;
  readonly owner: number;
}

/** Returns the OID of the extension. REQUIRES: there is none of the name. */
export function* createExtension(
  writer: CatalogWriter,
  facts: ExtensionFacts,
  { namespace, owner }: ExtensionPlace,
): Task<number> {
  const oid = writer.allocateOid();
  const self = address('pg_extension', oid);
  yield* writer.insert('pg_extension', {
    oid,
    extname: facts.name,
    extowner: owner,
    extnamespace: namespace,
    extrelocatable: facts.relocatable,
    extversion: facts.version,
    extconfig: null,
    extcondition: null,
  });
  yield* recordOwner(writer, self, owner);
  yield* recordDependency(writer, self, address('pg_namespace', namespace), 'n');
  const oids = Array.from({ length: facts.members }, () => writer.allocateOid());
  for (const [name, { columns, rows }] of Object.entries(facts.tables)) {
    const table = writer.catalog.access.tables.table(name);
    for (const fact of rows) {
      const values: Record<string, Datum> = {};
      columns.forEach((column, i) => {
        const { type } = table.columns[table.position(column)];
        values[column] = datumOfJson(REFERENCES.has(type) ? settled(fact[i], oids) : fact[i], type);
      });
      for (const { name: column } of table.columns) {
        if (column.endsWith('namespace')) values[column] = namespace;
        else if (column.endsWith('owner')) values[column] = owner;
      }
      if (name === 'pg_proc' && values.prolang === SQL) values.prolang = INTERNAL;
      yield* writer.insert(name, values);
      yield* tie(writer, name, values, self, { namespace, owner });
    }
  }
  return oid;
}

/** A member's OID in the place of its number. */
function settled(value: JsonValue, oids: readonly number[]): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => settled(item, oids));
  return typeof value === 'number' && value < 0 ? oids[-value - 1] : value;
}

function* tie(
  writer: CatalogWriter,
  name: string,
  values: Readonly<Record<string, Datum>>,
  extension: ObjectAddress,
  { namespace, owner }: ExtensionPlace,
): Task<void> {
  const { oid } = values;
  if (typeof oid !== 'number' || !isClass(name)) return;
  const member = address(name, oid);
  const part = PARTS[name];
  if (part !== undefined) {
    yield* recordDependency(writer, member, address(part[1], Number(values[part[0]])), 'a');
    return;
  }
  if (name === 'pg_type' && values.typelem !== 0) {
    yield* recordDependency(writer, member, address('pg_type', Number(values.typelem)), 'i');
    return;
  }
  yield* recordDependency(writer, member, extension, 'e');
  if (name !== 'pg_cast') {
    yield* recordDependency(writer, member, address('pg_namespace', namespace), 'n');
    yield* recordOwner(writer, member, owner);
  }
}

function isClass(name: string): name is keyof typeof CLASS {
  return name in CLASS;
}

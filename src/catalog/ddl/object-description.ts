/**
 * Objects in words, as messages and pg_describe_object() name them: `column a of table t`, `function f(integer)`.
 */

import { quoteQualified } from '../../types/quote-identifier.js';
import type { CatalogView } from '../descriptors.js';
import { formatType } from '../format-type.js';
import { CLASS } from '../known-oids.js';
import { operatorSignature, procedureSignature, regOut, relationName } from '../reg-out.js';
import type { SystemRow } from '../system-row.js';
import type { ObjectAddress } from './dependencies.js';

const RELATION_WORDS: Readonly<Record<string, string>> = {
  r: 'table',
  p: 'table',
  i: 'index',
  I: 'index',
  S: 'sequence',
  t: 'toast table',
  v: 'view',
  m: 'materialized view',
  c: 'composite type',
  f: 'foreign table',
};

/** Undefined when there is no such object. */
export function describeObject(view: CatalogView, object: ObjectAddress): string | undefined {
  const { classId, objectId: oid } = object;
  switch (classId) {
    case CLASS.pg_class:
      return object.subId === 0 ? describeRelation(view, oid) : describeColumn(view, oid, object.subId);
    case CLASS.pg_type:
      return view.type(oid) && `type ${formatType(view, oid, null)}`;
    case CLASS.pg_proc: {
      const proc = view.proc(oid);
      return proc && `function ${procedureSignature(view, proc)}`;
    }
    case CLASS.pg_operator: {
      const operator = view.operator(oid);
      return operator && `operator ${operatorSignature(view, operator)}`;
    }
    case CLASS.pg_namespace:
      return named('schema', view.namespace(oid)?.name);
    case CLASS.pg_authid:
      return named('role', view.role(oid)?.name);
    case CLASS.pg_collation:
      return row(view, 'pg_collation_oid_index', oid) && `collation ${regOut(view, 'regcollation', oid)}`;
    case CLASS.pg_constraint:
      return describeConstraint(view, oid);
    case CLASS.pg_attrdef: {
      const found = row(view, 'pg_attrdef_oid_index', oid);
      return found && `default value for ${describeColumn(view, found.number('adrelid'), found.number('adnum'))}`;
    }
    case CLASS.pg_rewrite:
      return onRelation(view, 'rule', row(view, 'pg_rewrite_oid_index', oid), 'rulename', 'ev_class');
    case CLASS.pg_trigger:
      return onRelation(view, 'trigger', row(view, 'pg_trigger_oid_index', oid), 'tgname', 'tgrelid');
    case CLASS.pg_policy:
      return onRelation(view, 'policy', row(view, 'pg_policy_oid_index', oid), 'polname', 'polrelid');
    case CLASS.pg_cast: {
      const cast = row(view, 'pg_cast_oid_index', oid);
      const name = (column: string): string => formatType(view, cast?.number(column) ?? 0, null);
      return cast && `cast from ${name('castsource')} to ${name('casttarget')}`;
    }
    case CLASS.pg_opclass: {
      const opclass = view.opclass(oid);
      return opclass && `operator class ${opclass.name} for access method ${opclass.method}`;
    }
    case CLASS.pg_language:
      return named('language', row(view, 'pg_language_oid_index', oid)?.text('lanname'));
    case CLASS.pg_extension:
      return named('extension', row(view, 'pg_extension_oid_index', oid)?.text('extname'));
    case CLASS.pg_database:
      return named('database', row(view, 'pg_database_oid_index', oid)?.text('datname'));
    case CLASS.pg_tablespace:
      return named('tablespace', row(view, 'pg_tablespace_oid_index', oid)?.text('spcname'));
    case CLASS.pg_parameter_acl:
      return named('parameter', row(view, 'pg_parameter_acl_oid_index', oid)?.text('parname'));
    case CLASS.pg_default_acl:
      return describeDefaults(view, row(view, 'pg_default_acl_oid_index', oid));
    case CLASS.pg_statistic_ext: {
      const found = row(view, 'pg_statistic_ext_oid_index', oid);
      return found && `statistics object ${statisticsName(view, found)}`;
    }
    case CLASS.pg_publication:
      return named('publication', row(view, 'pg_publication_oid_index', oid)?.text('pubname'));
    default:
      return undefined;
  }
}

/** Qualified where the search path does not find it. */
function statisticsName(view: CatalogView, found: SystemRow): string {
  const name = found.text('stxname');
  const schema = view.namespace(found.number('stxnamespace'))?.name ?? null;
  return quoteQualified(statisticsVisible(view, found) ? null : schema, name);
}

/** Whether the object's name without its schema finds it. */
export function statisticsVisible(view: CatalogView, found: SystemRow): boolean {
  const name = found.text('stxname');
  const isThere = (namespace: number): boolean =>
    view.rows('pg_statistic_ext_name_index', [name, namespace]).length > 0;
  const isTemporary = (namespace: number): boolean => view.namespace(namespace)?.name.startsWith('pg_temp_') === true;
  return view.searchPath.find((oid) => !isTemporary(oid) && isThere(oid)) === found.number('stxnamespace');
}

const DEFAULTED: Readonly<Record<string, string>> = {
  r: 'relations',
  S: 'sequences',
  f: 'functions',
  T: 'types',
  n: 'schemas',
};

function describeDefaults(view: CatalogView, found: SystemRow | undefined): string | undefined {
  if (found === undefined) return undefined;
  const schema = view.namespace(found.number('defaclnamespace'))?.name;
  const role = view.role(found.number('defaclrole'))?.name ?? '';
  const what = `default privileges on new ${DEFAULTED[found.text('defaclobjtype')]} belonging to role ${role}`;
  return schema === undefined ? what : `${what} in schema ${schema}`;
}

function row(view: CatalogView, index: string, oid: number): SystemRow | undefined {
  return view.rows(index, [oid])[0];
}

function named(kind: string, name: string | undefined): string | undefined {
  return name === undefined ? undefined : `${kind} ${name}`;
}

function describeRelation(view: CatalogView, oid: number): string | undefined {
  const relation = view.relation(oid);
  return relation && `${RELATION_WORDS[relation.kind]} ${relationName(view, oid)}`;
}

function describeColumn(view: CatalogView, relation: number, number: number): string | undefined {
  const column = columnRow(view, relation, number);
  return column && `column ${column.text('attname')} of ${describeRelation(view, relation)}`;
}

function columnRow(view: CatalogView, relation: number, number: number): SystemRow | undefined {
  return view.rows('pg_attribute_relid_attnum_index', [relation, number])[0];
}

function describeConstraint(view: CatalogView, oid: number): string | undefined {
  const constraint = view.constraint(oid);
  if (constraint === undefined) return undefined;
  if (constraint.relation === 0) return `constraint ${constraint.name}`;
  return `constraint ${constraint.name} on ${describeRelation(view, constraint.relation)}`;
}

function onRelation(
  view: CatalogView,
  kind: string,
  found: SystemRow | undefined,
  nameColumn: string,
  relationColumn: string,
): string | undefined {
  return found && `${kind} ${found.text(nameColumn)} on ${describeRelation(view, found.number(relationColumn))}`;
}

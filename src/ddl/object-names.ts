/** Names that PostgreSQL makes up: of constraints, indexes and sequences. Unique in their schema by a counter. */
import { truncateName } from '../catalog/ddl/array-type.js';
import type { DdlContext } from './ddl-context.js';

const MAX_NAME_BYTES = 63;

/** `name1_name2_label`; when that is too long the longer of the two names loses its end. */
export function makeObjectName(name1: string, name2: string | null, label: string): string {
  const overhead = (name2 === null ? 0 : 1) + label.length + 1;
  let length1 = Buffer.byteLength(name1);
  let length2 = name2 === null ? 0 : Buffer.byteLength(name2);
  while (length1 + length2 > MAX_NAME_BYTES - overhead) {
    if (length1 > length2) length1--;
    else length2--;
  }
  const parts = [truncateName(name1, length1)];
  if (name2 !== null) parts.push(truncateName(name2, length2));
  parts.push(label);
  return parts.join('_');
}

function firstFree(name1: string, name2: string | null, label: string, taken: (name: string) => boolean): string {
  for (let pass = 0; ; pass++) {
    const name = makeObjectName(name1, name2, pass === 0 ? label : `${label}${pass}`);
    if (!taken(name)) return name;
  }
}

/** A name for a sequence or an index. */
export function chooseRelationName(
  cx: DdlContext,
  name1: string,
  name2: string | null,
  label: string,
  namespace: number,
  forConstraint = false,
): string {
  return firstFree(
    name1,
    name2,
    label,
    (name) =>
      cx.writer.findOne('pg_class_relname_nsp_index', [name, namespace]) !== undefined ||
      (forConstraint && constraintExists(cx, name, namespace)),
  );
}

/** A name for a statistics object of columns of a table. */
export function chooseStatisticsName(
  cx: DdlContext,
  table: string,
  columns: readonly string[],
  namespace: number,
): string {
  const isTaken = (name: string): boolean =>
    cx.writer.findOne('pg_statistic_ext_name_index', [name, namespace]) !== undefined;
  return firstFree(table, joinedNames(columns), 'stat', isTaken);
}

/** A name for a CHECK or a foreign key. `others`: names that the statement gives besides. */
export function chooseConstraintName(
  cx: DdlContext,
  name1: string,
  name2: string | null,
  label: string,
  namespace: number,
  others: readonly string[] = [],
): string {
  return firstFree(name1, name2, label, (name) => others.includes(name) || constraintExists(cx, name, namespace));
}

function constraintExists(cx: DdlContext, name: string, namespace: number): boolean {
  return cx.writer.findOne('pg_constraint_conname_nsp_index', [name, namespace]) !== undefined;
}

/** Column names joined by `_`, as far as names are long. */
export function joinedNames(names: readonly string[]): string {
  let joined = '';
  for (const name of names) {
    joined = joined === '' ? name : `${joined}_${name}`;
    if (joined.length >= MAX_NAME_BYTES + 1) break;
  }
  return truncateName(joined);
}

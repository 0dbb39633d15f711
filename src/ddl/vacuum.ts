/** VACUUM and ANALYZE: their options, which tables they are for, and who may. There are no dead rows to remove. */
import type { DefElem, Node, VacuumRelation, VacuumStmt } from '@pgsql/types';
import { updateRelation } from '../catalog/ddl/alter-relation.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { FIRST_NORMAL_OID } from '../catalog/known-oids.js';
import { sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import type { TableLockMode } from '../storage/api.js';
import type { Task } from '../util/task.js';
import { ownsAs } from './access.js';
import { analyzeTable } from './analyze-table.js';
import type { DdlContext } from './ddl-context.js';
import { defElems, optionInteger, optionText, strictBoolean } from './option-values.js';
import { findRelation, missingRelation, positionOf, tryOpenRelation } from './relation-names.js';

const ANALYZE_OPTIONS = ['verbose', 'skip_locked'];
const VACUUM_OPTIONS = [
  ...ANALYZE_OPTIONS,
  'analyze',
  'freeze',
  'full',
  'disable_page_skipping',
  'index_cleanup',
  'process_toast',
  'truncate',
  'parallel',
];
const MOST_WORKERS = 1024;

interface Options {
  readonly vacuum: boolean;
  readonly analyze: boolean;
  readonly verbose: boolean;
  readonly skipLocked: boolean;
  readonly lock: TableLockMode;
}

export function* vacuumStatement(cx: DdlContext, statement: VacuumStmt): Task<string> {
  const options = vacuumOptions(cx, statement);
  const named = (statement.rels ?? []).flatMap((node) => ('VacuumRelation' in node ? [node.VacuumRelation] : []));
  if (options.vacuum && !options.analyze && named.some(({ va_cols }) => (va_cols ?? []).length > 0))
    throw sqlError('feature_not_supported', 'ANALYZE option must be specified when a column list is provided');
  if (named.length === 0) yield* maintainAll(cx, options);
  for (const one of named) yield* maintainNamed(cx, one, options);
  return options.vacuum ? 'VACUUM' : 'ANALYZE';
}

/** Throws 42601 for options that are not known, or do not fit together. */
function vacuumOptions(cx: DdlContext, statement: VacuumStmt): Options {
  const vacuum = statement.is_vacuumcmd === true;
  const given = new Map<string, boolean>();
  let workers = 0;
  for (const option of defElems(statement.options)) {
    const name = option.defname ?? '';
    if (!(vacuum ? VACUUM_OPTIONS : ANALYZE_OPTIONS).includes(name))
      throw sqlError('syntax_error', `unrecognized ${vacuum ? 'VACUUM' : 'ANALYZE'} option "${name}"`).at(
        positionOf(cx, option.location),
      );
    if (name === 'parallel') workers = parallelWorkers(cx, option);
    else if (name !== 'index_cleanup' || optionText(option)?.toLowerCase() !== 'auto')
      given.set(name, strictBoolean(option));
  }
  const is = (name: string): boolean => given.get(name) === true;
  if (is('full') && workers > 0) throw sqlError('feature_not_supported', 'VACUUM FULL cannot be performed in parallel');
  if (is('full') && is('disable_page_skipping'))
    throw sqlError('feature_not_supported', 'VACUUM option DISABLE_PAGE_SKIPPING cannot be used with FULL');
  if (is('full') && given.get('process_toast') === false)
    throw sqlError('feature_not_supported', 'PROCESS_TOAST required with VACUUM FULL');
  const lock = is('full') ? 'AccessExclusiveLock' : 'ShareUpdateExclusiveLock';
  return { vacuum, analyze: !vacuum || is('analyze'), verbose: is('verbose'), skipLocked: is('skip_locked'), lock };
}

function parallelWorkers(cx: DdlContext, option: DefElem): number {
  const place = positionOf(cx, option.location);
  if (option.arg === undefined)
    throw sqlError('syntax_error', `parallel option requires a value between 0 and ${MOST_WORKERS}`).at(place);
  const workers = Number(optionInteger(option));
  if (workers < 0 || workers > MOST_WORKERS)
    throw sqlError('syntax_error', `parallel workers for vacuum must be between 0 and ${MOST_WORKERS}`).at(place);
  return workers;
}

/** Tables that the user may not maintain are passed over in silence. */
function* maintainAll(cx: DdlContext, options: Options): Task<void> {
  for (const row of cx.writer.scan('pg_class')) {
    const oid = row.number('oid');
    if (oid < FIRST_NORMAL_OID || !'rm'.includes(row.text('relkind')) || !ownsTable(cx, row.number('relowner')))
      continue;
    if (!(yield* cx.transaction.lockTable(oid, options.lock, options.skipLocked ? 'nowait' : 'wait'))) continue;
    const relation = cx.view().relation(oid);
    if (relation !== undefined && !isForeignTemporary(cx, relation)) yield* maintain(cx, relation, null, options);
  }
}

function isForeignTemporary(cx: DdlContext, relation: RelationDesc): boolean {
  return relation.persistence === 't' && !cx.view().searchPath.includes(relation.namespace);
}

function* maintainNamed(cx: DdlContext, { relation: range, va_cols }: VacuumRelation, options: Options): Task<void> {
  if (range === undefined) return;
  const unplaced = { ...range, location: undefined };
  const found = findRelation(cx, unplaced);
  if (found === undefined) throw missingRelation(cx, unplaced);
  if (!mayMaintain(cx, found, options.vacuum)) return;
  const verb = options.vacuum ? 'vacuum' : 'analyze';
  if (!'rmpt'.includes(found.kind)) {
    cx.notice('WARNING', `skipping "${found.name}" --- cannot ${verb} non-tables or special system tables`);
    return;
  }
  if (options.skipLocked && !(yield* cx.transaction.lockTable(found.oid, options.lock, 'nowait'))) {
    cx.notice('WARNING', `skipping ${verb} of "${found.name}" --- lock not available`, { code: '55P03' });
    return;
  }
  const relation = yield* tryOpenRelation(cx, unplaced, options.lock);
  if (relation === undefined) throw missingRelation(cx, unplaced);
  yield* maintain(cx, relation, (va_cols ?? []).length === 0 ? null : listedAttributes(relation, va_cols), options);
}

/** Throws 42703, 42701. */
function listedAttributes(relation: RelationDesc, nodes: readonly Node[] | undefined): number[] {
  const numbers: number[] = [];
  for (const name of nameParts(nodes === undefined ? undefined : [...nodes])) {
    const attribute = relation.attributes.find((candidate) => candidate.name === name && !candidate.dropped);
    if (attribute === undefined)
      throw sqlError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
    if (numbers.includes(attribute.number))
      throw sqlError('duplicate_column', `column "${name}" of relation "${relation.name}" appears more than once`);
    numbers.push(attribute.number);
  }
  return numbers;
}

function ownsTable(cx: DdlContext, owner: number): boolean {
  const database = cx.writer.findOne('pg_database_oid_index', [cx.writer.catalog.database]);
  return ownsAs(cx, owner) || ownsAs(cx, database?.number('datdba') ?? 0);
}

/** Others than owners are warned, and their statement goes on. */
function mayMaintain(cx: DdlContext, relation: RelationDesc, vacuum: boolean): boolean {
  const isShared = cx.writer.findOne('pg_class_oid_index', [relation.oid])?.boolean('relisshared') === true;
  if (isShared ? ownsAs(cx, relation.owner) : ownsTable(cx, relation.owner)) return true;
  const who = isShared ? 'superuser' : `${relation.oid < FIRST_NORMAL_OID ? 'superuser' : 'table'} or database owner`;
  cx.notice('WARNING', `skipping "${relation.name}" --- only ${who} can ${vacuum ? 'vacuum' : 'analyze'} it`);
  return false;
}

function* maintain(
  cx: DdlContext,
  relation: RelationDesc,
  attributes: readonly number[] | null,
  options: Options,
): Task<void> {
  if (relation.storage === 0) return;
  if (options.vacuum) cx.maintained(relation.oid, 'vacuum', true);
  if (options.analyze) {
    yield* analyzeTable(cx, relation, attributes, options.verbose);
    cx.maintained(relation.oid, 'analyze', attributes === null);
  }
  if (!options.analyze && relation.oid >= FIRST_NORMAL_OID) yield* updateTuples(cx, relation);
}

/** For tables that nobody has asked to be analysed. False: somebody has a lock on it, or it is no table any more. */
export function* analyzeUnlessLocked(cx: DdlContext, oid: number): Task<boolean> {
  if (!(yield* cx.transaction.lockTable(oid, 'ShareUpdateExclusiveLock', 'nowait'))) return false;
  const relation = cx.view().relation(oid);
  if (relation === undefined || relation.storage === 0) return false;
  yield* analyzeTable(cx, relation, null, false);
  return true;
}

function* updateTuples(cx: DdlContext, relation: RelationDesc): Task<void> {
  const { rowCount } = cx.store.heap(relation.storage, { columns: relation.attributes.length });
  if (rowCount !== relation.tuples) yield* updateRelation(cx.writer, relation.oid, { reltuples: rowCount });
}

/** CREATE SEQUENCE and ALTER SEQUENCE, and what identity and serial columns need of them. */
import type { AlterSeqStmt, CreateSeqStmt } from '@pgsql/types';
import { setStorage } from '../catalog/ddl/alter-relation.js';
import { createSequence, disownSequence, ownSequence } from '../catalog/ddl/create-sequence.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { CLASS } from '../catalog/known-oids.js';
import { sqlError } from '../errors/sql-error.js';
import { normalizeInt8 } from '../types/datum.js';
import type { Task } from '../util/task.js';
import { requireRelationOwner } from './access.js';
import type { DdlContext } from './ddl-context.js';
import {
  creationPlace,
  findRelation,
  missingRelation,
  openRelation,
  rangeOfParts,
  relationNow,
} from './relation-names.js';
import { type SequenceOptions, type SequenceParameters, sequenceOptions } from './sequence-options.js';
import { existsAlready, openOrSkip } from './skipping.js';

export function* createSequenceStatement(cx: DdlContext, statement: CreateSeqStmt): Task<string> {
  const range = statement.sequence ?? {};
  const { namespace, persistence } = yield* creationPlace(cx, range);
  const name = range.relname ?? '';
  const options = sequenceOptions(cx, statement.options, null);
  if (existsAlready(cx, name, namespace, statement.if_not_exists)) return 'CREATE SEQUENCE';
  const { oid } = yield* createSequence(cx.writer, {
    name,
    namespace,
    owner: cx.role,
    persistence,
    ...stored(options),
  });
  if (options.ownedBy !== null) yield* setOwningColumn(cx, relationNow(cx, oid), options.ownedBy);
  return 'CREATE SEQUENCE';
}

/** Parameters as the catalog writes them. */
export function stored(parameters: SequenceParameters) {
  return {
    type: parameters.type,
    start: normalizeInt8(parameters.start),
    increment: normalizeInt8(parameters.increment),
    min: normalizeInt8(parameters.min),
    max: normalizeInt8(parameters.max),
    cache: normalizeInt8(parameters.cache),
    cycle: parameters.cycle,
  };
}

export function* alterSequenceStatement(cx: DdlContext, statement: AlterSeqStmt): Task<string> {
  const range = statement.sequence ?? {};
  const sequence = yield* openOrSkip(cx, range, 'ShareRowExclusiveLock', statement.missing_ok);
  if (sequence === undefined) return 'ALTER SEQUENCE';
  if (sequence.kind !== 'S') throw sqlError('wrong_object_type', `"${sequence.name}" is not a sequence`);
  requireRelationOwner(cx, sequence);
  const options = sequenceOptions(cx, statement.options, sequenceParameters(cx, sequence));
  yield* applySequenceOptions(cx, sequence, options);
  if (options.ownedBy !== null) {
    refuseIdentity(cx, sequence);
    yield* setOwningColumn(cx, sequence, options.ownedBy);
  }
  return 'ALTER SEQUENCE';
}

/** The parameters of an existing sequence. */
export function sequenceParameters(cx: DdlContext, sequence: RelationDesc): SequenceParameters {
  const row = cx.writer.findOne('pg_sequence_seqrelid_index', [sequence.oid]);
  if (row === undefined) throw new Error(`sequence ${sequence.oid} has no definition`);
  const int = (column: string): bigint => BigInt(String(row.datum(column)));
  return {
    type: row.number('seqtypid'),
    start: int('seqstart'),
    increment: int('seqincrement'),
    min: int('seqmin'),
    max: int('seqmax'),
    cache: int('seqcache'),
    cycle: row.boolean('seqcycle'),
  };
}

/** Writes changed parameters; RESTART puts the sequence on new storage, so that a rollback undoes it. */
export function* applySequenceOptions(cx: DdlContext, sequence: RelationDesc, options: SequenceOptions): Task<void> {
  const row = cx.writer.findOne('pg_sequence_seqrelid_index', [sequence.oid]);
  if (row === undefined) throw new Error(`sequence ${sequence.oid} has no definition`);
  const { type, start, increment, min, max, cache, cycle } = stored(options);
  const state = cx.store.readSequence(sequence.storage);
  const last = BigInt(state?.lastValue ?? options.start);
  if (options.restart === null) checkLastValue(last, options);
  yield* cx.writer.update(row, {
    seqtypid: type,
    seqstart: start,
    seqincrement: increment,
    seqmin: min,
    seqmax: max,
    seqcache: cache,
    seqcycle: cycle,
  });
  if (options.restart !== null) yield* restartSequence(cx, sequence, options.restart);
}

function checkLastValue(last: bigint, { min, max }: SequenceOptions): void {
  if (last < min)
    throw sqlError('invalid_parameter_value', `RESTART value (${last}) cannot be less than MINVALUE (${min})`);
  if (last > max)
    throw sqlError('invalid_parameter_value', `RESTART value (${last}) cannot be greater than MAXVALUE (${max})`);
}

/** The next value will be `value`. Transactional. */
export function* restartSequence(cx: DdlContext, sequence: RelationDesc, value: bigint): Task<void> {
  const storage = cx.store.create(cx.transaction, 'sequence');
  cx.store.writeSequence(storage, { lastValue: normalizeInt8(value), isCalled: false }, cx.transaction);
  yield* setStorage(cx.writer, sequence.oid, storage);
}

/** The column that owns a sequence. */
export function owningColumn(
  cx: DdlContext,
  sequence: number,
): { readonly relation: number; readonly attribute: number; readonly identity: boolean } | undefined {
  const row = cx.writer
    .find('pg_depend_depender_index', [CLASS.pg_class, sequence])
    .find((found) => found.number('refclassid') === CLASS.pg_class && found.number('refobjsubid') > 0);
  if (row === undefined) return undefined;
  return {
    relation: row.number('refobjid'),
    attribute: row.number('refobjsubid'),
    identity: row.text('deptype') === 'i',
  };
}

/** Sequences owned by a column (or by any column of the relation, attribute 0). */
export function ownedSequences(cx: DdlContext, relation: number, attribute: number): RelationDesc[] {
  const key = [CLASS.pg_class, relation];
  return cx.writer
    .find('pg_depend_reference_index', attribute === 0 ? key : [...key, attribute])
    .filter((row) => row.number('classid') === CLASS.pg_class && ['a', 'i'].includes(row.text('deptype')))
    .flatMap((row) => cx.view().relation(row.number('objid')) ?? [])
    .filter((found) => found.kind === 'S');
}

export function refuseIdentity(cx: DdlContext, sequence: RelationDesc): void {
  const owner = owningColumn(cx, sequence.oid);
  if (owner === undefined || !owner.identity) return;
  throw sqlError('feature_not_supported', 'cannot change ownership of identity sequence', {
    detail: `Sequence "${sequence.name}" is linked to table "${relationNow(cx, owner.relation).name}".`,
  });
}

function* setOwningColumn(cx: DdlContext, sequence: RelationDesc, parts: readonly string[]): Task<void> {
  if (parts.length === 1 && parts[0] === 'none') {
    yield* disownSequence(cx.writer, sequence.oid);
    return;
  }
  if (parts.length < 2) {
    throw sqlError('syntax_error', 'invalid OWNED BY option', {
      hint: 'Specify OWNED BY table.column or OWNED BY NONE.',
    });
  }
  const range = rangeOfParts(parts.slice(0, -1));
  if (findRelation(cx, range) === undefined) throw missingRelation(cx, { ...range, location: undefined });
  const table = yield* openRelation(cx, range, 'AccessShareLock');
  const column = parts[parts.length - 1];
  if (table.kind !== 'r' && table.kind !== 'v') {
    throw sqlError('wrong_object_type', `sequence cannot be owned by relation "${table.name}"`);
  }
  if (table.owner !== sequence.owner) {
    throw sqlError('object_not_in_prerequisite_state', 'sequence must have same owner as table it is linked to');
  }
  if (table.namespace !== sequence.namespace) {
    throw sqlError('object_not_in_prerequisite_state', 'sequence must be in same schema as table it is linked to');
  }
  const attribute = table.attributes.find((candidate) => candidate.name === column && !candidate.dropped);
  if (attribute === undefined) {
    throw sqlError('undefined_column', `column "${column}" of relation "${table.name}" does not exist`);
  }
  yield* disownSequence(cx.writer, sequence.oid);
  yield* ownSequence(cx.writer, sequence.oid, { relation: table.oid, attribute: attribute.number, internal: false });
}

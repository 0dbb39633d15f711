/** nextval, currval, lastval and setval of one session. Values are never taken back, not even by a rollback. */
import { permissionDenied } from '../catalog/acl/access-errors.js';
import type { CatalogView, RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { Store } from '../storage/api.js';
import { PRIVILEGE } from '../types/acl/acl-item.js';
import { normalizeInt8 } from '../types/datum.js';

interface SequenceRow {
  readonly start: bigint;
  readonly increment: bigint;
  readonly min: bigint;
  readonly max: bigint;
  readonly cycle: boolean;
}

export class Sequences {
  private readonly current = new Map<number, number | bigint>();
  private last: { sequence: number } | null = null;

  constructor(
    private readonly store: Store,
    private readonly view: () => CatalogView,
    private readonly readOnly: () => boolean,
    /** Whether the user has one of the privileges (bits) on a sequence. */
    private readonly mayUse: (sequence: RelationDesc, privileges: number) => boolean,
  ) {}

  /** `own`: for a column of the sequence's table, which asks for no privileges on it. */
  nextval(sequence: number, own = false): number | bigint {
    const { relation, row } = this.find(sequence);
    if (!own) this.require(relation, PRIVILEGE.USAGE | PRIVILEGE.UPDATE);
    this.refuseReadOnly(relation, 'nextval()');
    const state = this.store.readSequence(relation.storage);
    const next =
      state === undefined
        ? row.start
        : state.isCalled
          ? this.step(relation.name, BigInt(state.lastValue), row)
          : BigInt(state.lastValue);
    const value = normalizeInt8(next);
    this.store.writeSequence(relation.storage, { lastValue: value, isCalled: true });
    this.current.set(sequence, value);
    this.last = { sequence };
    return value;
  }

  private step(name: string, from: bigint, row: SequenceRow): bigint {
    const next = from + row.increment;
    if (next >= row.min && next <= row.max) return next;
    const ascending = row.increment > 0n;
    if (row.cycle) return ascending ? row.min : row.max;
    throw sqlError(
      'sequence_generator_limit_exceeded',
      `nextval: reached ${ascending ? 'maximum' : 'minimum'} value of sequence "${name}" (${ascending ? row.max : row.min})`,
    );
  }

  currval(sequence: number): number | bigint {
    const { relation } = this.find(sequence);
    this.require(relation, PRIVILEGE.SELECT | PRIVILEGE.USAGE);
    const value = this.current.get(sequence);
    if (value === undefined) {
      throw sqlError(
        'object_not_in_prerequisite_state',
        `currval of sequence "${relation.name}" is not yet defined in this session`,
      );
    }
    return value;
  }

  lastval(): number | bigint {
    const relation = this.last === null ? undefined : this.view().relation(this.last.sequence);
    const value = relation === undefined ? undefined : this.current.get(relation.oid);
    if (relation === undefined || value === undefined)
      throw sqlError('object_not_in_prerequisite_state', 'lastval is not yet defined in this session');
    this.require(relation, PRIVILEGE.SELECT | PRIVILEGE.USAGE);
    return value;
  }

  setval(sequence: number, value: number | bigint, isCalled: boolean): void {
    const { relation, row } = this.find(sequence);
    this.require(relation, PRIVILEGE.UPDATE);
    this.refuseReadOnly(relation, 'setval()');
    const wanted = BigInt(value);
    if (wanted < row.min || wanted > row.max) {
      throw sqlError(
        'numeric_value_out_of_range',
        `setval: value ${wanted} is out of bounds for sequence "${relation.name}" (${row.min}..${row.max})`,
      );
    }
    this.store.writeSequence(relation.storage, { lastValue: value, isCalled });
    if (isCalled) this.current.set(sequence, value);
  }

  /** The value last handed out by anybody; null before the first. */
  lastValue(sequence: number): number | bigint | null {
    const state = this.store.readSequence(this.find(sequence).relation.storage);
    return state?.isCalled === true ? state.lastValue : null;
  }

  /** DISCARD SEQUENCES. */
  discard(): void {
    this.current.clear();
    this.last = null;
  }

  private require(sequence: RelationDesc, privileges: number): void {
    if (!this.mayUse(sequence, privileges)) throw permissionDenied('sequence', sequence.name);
  }

  /** The session's own sequences may be used everywhere. */
  private refuseReadOnly(sequence: RelationDesc, what: string): void {
    if (this.readOnly() && sequence.persistence !== 't')
      throw sqlError('read_only_sql_transaction', `cannot execute ${what} in a read-only transaction`);
  }

  private find(sequence: number) {
    const view = this.view();
    const relation = view.relation(sequence);
    if (relation === undefined) throw sqlError('undefined_table', `could not open relation with OID ${sequence}`);
    if (relation.kind !== 'S') throw sqlError('wrong_object_type', `"${relation.name}" is not a sequence`);
    const row = view.rows('pg_sequence_seqrelid_index', [sequence])[0];
    if (row === undefined) throw sqlError('undefined_object', `sequence ${relation.name} has no definition`);
    const int = (name: string): bigint => BigInt(String(row.datum(name)));
    const definition: SequenceRow = {
      start: int('seqstart'),
      increment: int('seqincrement'),
      min: int('seqmin'),
      max: int('seqmax'),
      cycle: row.datum('seqcycle') === true,
    };
    return { relation, row: definition };
  }
}

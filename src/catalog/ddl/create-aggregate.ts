/** Rows of users' aggregates: a function row and what it is made of. */
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import { createFunction, type FunctionSpec } from './create-function.js';
import { address } from './dependencies.js';

export interface AggregateSpec {
  readonly kind: 'n' | 'o' | 'h';
  readonly directArgs: number;
  readonly transitionType: number;
  readonly transitionSpace: number;
  /** OIDs of functions and of an operator, 0 for none. */
  readonly transition: number;
  readonly final: number;
  readonly combine: number;
  readonly serialize: number;
  readonly deserialize: number;
  readonly sortOperator: number;
  readonly initial: string | null;
  readonly finalExtra: boolean;
  /** r read only, s shareable, w read and write */
  readonly finalModify: 'r' | 's' | 'w';
}

/** As createFunction; the aggregate depends on its functions. */
export function* createAggregate(
  writer: CatalogWriter,
  spec: FunctionSpec,
  aggregate: AggregateSpec,
  replace: boolean,
): Task<number> {
  const { transition, final, combine, serialize, deserialize, sortOperator } = aggregate;
  const functions = [transition, final, combine, serialize, deserialize].filter((oid) => oid !== 0);
  const references = [
    ...functions.map((oid) => address('pg_proc', oid)),
    ...(sortOperator === 0 ? [] : [address('pg_operator', sortOperator)]),
    address('pg_type', aggregate.transitionType),
  ];
  const oid = yield* createFunction(writer, { ...spec, references }, replace);
  yield* writer.deleteAll('pg_aggregate_fnoid_index', [oid]);
  yield* writer.insert('pg_aggregate', {
    aggfnoid: oid,
    aggkind: aggregate.kind,
    aggnumdirectargs: aggregate.directArgs,
    aggtransfn: transition,
    aggfinalfn: final,
    aggcombinefn: combine,
    aggserialfn: serialize,
    aggdeserialfn: deserialize,
    aggmtransfn: 0,
    aggminvtransfn: 0,
    aggmfinalfn: 0,
    aggfinalextra: aggregate.finalExtra,
    aggmfinalextra: false,
    aggfinalmodify: aggregate.finalModify,
    aggmfinalmodify: 'r',
    aggsortop: sortOperator,
    aggtranstype: aggregate.transitionType,
    aggtransspace: aggregate.transitionSpace,
    aggmtranstype: 0,
    aggmtransspace: 0,
    agginitval: aggregate.initial,
    aggminitval: null,
  });
  return oid;
}

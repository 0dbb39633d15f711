/** The session as input and output functions of types see it. */

import type { CatalogView } from '../catalog/descriptors.js';
import type { RegInContext } from '../catalog/reg-in.js';
import { ViewTypeCatalog } from '../catalog/type-catalog.js';
import { sqlError } from '../errors/sql-error.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { TypeCatalog, TypeContext, TypeSettings } from '../types/type-context.js';

const EPOCH_2000_MS = 946684800000;

/** What to add to the monotonic clock for milliseconds since 1970. */
let offset = performance.timeOrigin;
/** The wall clock has no more than milliseconds; a greater difference means that it was set. */
const TOLERANCE_MS = 2;

/** When the wall clock was last looked at: by the monotonic clock. */
let lookedAt = Number.NEGATIVE_INFINITY;
const LOOK_AFTER_MS = 1;

/** Wall clock in microseconds since 2000-01-01 UTC: the monotonic clock's resolution, and the wall clock's changes. */
export function currentTimestamp(): number {
  const monotonic = performance.now();
  if (monotonic - lookedAt >= LOOK_AFTER_MS) {
    lookedAt = monotonic;
    const wall = Date.now();
    const drift = wall - (monotonic + offset);
    if (drift > TOLERANCE_MS || drift < -TOLERANCE_MS) offset = wall - monotonic;
  }
  return timestampOf(monotonic + offset);
}

/** Milliseconds since 1970 as microseconds since 2000-01-01 UTC. */
export function timestampOf(milliseconds: number): number {
  return Math.round((milliseconds - EPOCH_2000_MS) * 1000);
}

export class SessionTypes implements TypeContext {
  readonly catalog: TypeCatalog;
  transactionTimestamp = 0;
  statementTimestamp = 0;

  constructor(
    readonly settings: TypeSettings,
    private readonly view: () => CatalogView,
    names: () => RegInContext,
  ) {
    this.catalog = new ViewTypeCatalog(names);
  }

  codec(typeOid: number): TypeCodec {
    const type = this.view().type(typeOid);
    if (type === undefined) throw sqlError('undefined_object', `type with OID ${typeOid} does not exist`);
    if (type.codec === undefined) throw sqlError('feature_not_supported', `type ${type.name} is not supported`);
    return type.codec;
  }
}

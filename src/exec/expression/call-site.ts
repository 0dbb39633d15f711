/**
 * The CallContext of one call: types of the arguments as the statement has them, everything else from the session.
 * Made once when the call is compiled.
 */
import type { CallContext, SessionServices } from '../../sql/functions/registry.js';
import type { FunctionExpr } from '../../sql/plan/expression.js';
import type { TypeCodec } from '../../types/type-codec.js';
import type { TypeCatalog, TypeSettings } from '../../types/type-context.js';
import type { ExecServices } from '../exec-context.js';

export interface CallTypes {
  readonly argTypes: readonly number[];
  readonly argTypmods: readonly number[];
  readonly resultType: number;
  readonly variadicArray: boolean;
  readonly resultColumns?: FunctionExpr['resultColumns'];
  /** The collation that the function works with, where that is not the order of the code points. */
  readonly collation?: number | undefined;
}

export class CallSite implements CallContext {
  readonly argTypes: readonly number[];
  readonly argTypmods: readonly number[];
  readonly resultType: number;
  readonly variadicArray: boolean;
  readonly resultColumns: FunctionExpr['resultColumns'];
  readonly collation: number | undefined;

  constructor(
    private readonly services: ExecServices,
    types: CallTypes,
  ) {
    this.argTypes = types.argTypes;
    this.argTypmods = types.argTypmods;
    this.resultType = types.resultType;
    this.variadicArray = types.variadicArray;
    this.resultColumns = types.resultColumns;
    this.collation = types.collation;
  }

  get session(): SessionServices {
    return this.services.session;
  }
  get settings(): TypeSettings {
    return this.services.types.settings;
  }
  get catalog(): TypeCatalog {
    return this.services.types.catalog;
  }
  get transactionTimestamp(): number {
    return this.services.types.transactionTimestamp;
  }
  get statementTimestamp(): number {
    return this.services.types.statementTimestamp;
  }
  codec(typeOid: number): TypeCodec {
    return this.services.types.codec(typeOid);
  }
}

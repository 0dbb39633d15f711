/**
 * State of binding one statement: its text, catalogs, parameters, and the counters that make column ids unique.
 */
import type { Node, RangeVar } from '@pgsql/types';
import type { CatalogView, RelationDesc, TypeDesc } from '../../catalog/descriptors.js';
import { stackDepthExceeded } from '../../errors/runtime-limits.js';
import { type ErrorFields, type SqlError, sqlError } from '../../errors/sql-error.js';
import type { ConditionName } from '../../errors/sqlstate.js';
import type { PlannedIndexes, RowLockMode } from '../../storage/api.js';
import * as oid from '../../types/oids.js';
import type { TypeContext } from '../../types/type-context.js';
import { characterPosition } from '../parser/parse.js';
import type { ColumnId } from '../plan/expression.js';
import { plannedIndexes } from '../plan/planned-indexes.js';
import type { RelationUse } from '../plan/planned-statement.js';
import { AccessRecorder } from './access-recorder.js';
import type { QueryRecorder } from './query-recorder.js';
import type { VariableNames } from './variable-names.js';

/** What binding needs of its surroundings. */
export interface BinderServices {
  readonly catalog: CatalogView;
  readonly types: TypeContext;
  /** Live rows of a relation, as the planner may assume. */
  rowCount(relation: RelationDesc): number;
  /** Name of the current database. */
  readonly database: string;
  /** OID of the current user. */
  readonly currentRole: number;
  /** OID of the sequence behind an identity column. */
  identitySequence(relation: number, attribute: number): number;
  /** CHECK constraints of a domain, by name. */
  domainChecks(domain: number): readonly { readonly name: string; readonly text: string }[];
  notice(severity: 'NOTICE' | 'WARNING', message: string, fields?: ErrorFields): void;
  /** A statement names the relation: told before anything that may be wrong with its columns. */
  relationNamed?(relation: number): void;
}

/** What the body of a function in SQL may call its parameters. */
export interface RoutineNames {
  readonly name: string;
  /** '' for parameters without a name. */
  readonly parameters: readonly string[];
}

/** Measured with V8's default stack of 984 KB: 1,400 levels of expressions, or 470 of queries in them, overflow it. */
const MAX_LEVELS = 1000;
const LEVELS = { expression: 1, query: 2 } as const;

interface NotedUse {
  readonly relation: RelationDesc;
  write: boolean;
  rowLock: RowLockMode | null;
  indexMode: PlannedIndexes['mode'] | null;
  readonly position: number | undefined;
}

export class BindContext {
  private counters = { column: 0, cte: 0 };
  columnNames = new Map<ColumnId, string>();
  /** Type of each parameter, UNKNOWN until something settles it. */
  readonly parameterTypes: number[];
  relations = new Map<number, NotedUse>();
  /** Locking clauses that reach into the views that FROM names. */
  readonly lockedRanges = new WeakMap<RangeVar, readonly Node[]>();
  /** It is for text that the catalog keeps. */
  private within = false;
  /** Depth of nested expressions and queries: see `descend`. */
  private depth = 0;
  /** Depth of views in views, against runaway recursion. */
  viewDepth = 0;
  /** WITH items that the query being bound stands before, or is. */
  readonly laterCtes = new Set<string>();
  /** The next query bound leaves unknown literals of its select list as they are (INSERT … SELECT, UNION). */
  keepUnknown = false;
  /** The text is a printed one, which is to be printed again: casts stay where they are. */
  keepsCasts = false;
  /** The function whose body is bound: its parameters are known by name. */
  routine: RoutineNames | null = null;
  /** What names mean beside columns, in the statements of a function in PL/pgSQL. */
  variables: VariableNames | null = null;
  /** Remembers what is bound, for whoever prints the query again; null: nobody does. Views inside have none. */
  recorder: QueryRecorder | null = null;
  /** What the statement needs privileges for. */
  access = AccessRecorder.forStatement();

  constructor(
    readonly services: BinderServices,
    readonly text: string,
    parameterTypes: readonly number[] = [],
    /** Whether parameters without a declared type may be inferred (Parse without types). */
    readonly inferParameters = true,
  ) {
    this.parameterTypes = parameterTypes.map((type) => (type === 0 ? oid.UNKNOWN : type));
  }

  /**
   * Enters an expression, or a query, which takes more stack. Everything that works on the tree recurses as deep, so
   * the limit keeps well below what the stack can bear anywhere. @throws SqlError 54001
   */
  descend(what: 'expression' | 'query'): void {
    this.depth += LEVELS[what];
    if (this.depth > MAX_LEVELS) throw stackDepthExceeded();
  }

  /** Leaves what `descend` has entered. Not needed after an error, which ends the statement. */
  ascend(what: 'expression' | 'query'): void {
    this.depth -= LEVELS[what];
  }

  /** A context for text that the catalog keeps (a view's query): shares ids with the statement, has no parameters. */
  static within(outer: BindContext, text: string): BindContext {
    const inner = BindContext.ofView(outer, text);
    inner.access = outer.access.silenced();
    return inner;
  }

  /** The same for the query of a view, whose tables are read as `role`. */
  static ofView(outer: BindContext, text: string, role = outer.access.role): BindContext {
    const inner = new BindContext(outer.services, text, [], false);
    inner.counters = outer.counters;
    inner.columnNames = outer.columnNames;
    inner.relations = outer.relations;
    inner.depth = outer.depth;
    inner.within = true;
    inner.viewDepth = outer.viewDepth;
    inner.access = outer.access.under(role);
    return inner;
  }

  get catalog(): CatalogView {
    return this.services.catalog;
  }

  newColumn(name: string): ColumnId {
    const id = ++this.counters.column;
    this.columnNames.set(id, name);
    return id;
  }

  newCte(): number {
    return ++this.counters.cte;
  }

  /** Notes that the statement uses a relation, for locks and permissions. */
  useRelation(relation: RelationDesc, use: 'read' | 'write' | 'insert' | RowLockMode, location?: number): void {
    const known = this.relations.get(relation.oid) ?? {
      relation,
      write: false,
      rowLock: null,
      indexMode: null,
      position: this.within ? undefined : this.position(location),
    };
    if (use === 'write' || use === 'insert') known.write = true;
    else if (use !== 'read') known.rowLock ??= use;
    // Where rows are only inserted, indexes are not planned with.
    if (use === 'write') known.indexMode = 'RowExclusiveLock';
    else if (use === 'read') known.indexMode ??= 'AccessShareLock';
    else if (use !== 'insert' && known.indexMode !== 'RowExclusiveLock') known.indexMode = 'RowShareLock';
    this.relations.set(relation.oid, known);
    this.services.relationNamed?.(relation.oid);
  }

  /** Whether names are checked: those in texts of the catalog were when the text was made. */
  get isStored(): boolean {
    return this.within;
  }

  /** The relations that were used so far, and how. */
  uses(): RelationUse[] {
    return [...this.relations.values()].map(({ relation, write, rowLock, indexMode, position }) => {
      const indexes = indexMode === null ? null : plannedIndexes(relation, indexMode);
      return { oid: relation.oid, write, rowLock, indexes, position };
    });
  }

  /** 1-based character position for a byte offset of the AST. */
  position(location: number | undefined): number | undefined {
    return characterPosition(this.text, location ?? -1);
  }

  error(condition: ConditionName, message: string, location?: number, fields: ErrorFields = {}): SqlError {
    const position = this.position(location);
    return sqlError(condition, message, position === undefined ? fields : { ...fields, position });
  }

  type(typeOid: number): TypeDesc {
    const type = this.catalog.type(typeOid);
    if (type === undefined) throw sqlError('undefined_object', `type with OID ${typeOid} does not exist`);
    return type;
  }

  formatType(typeOid: number, typmod = -1): string {
    return this.services.types.catalog.formatType(typeOid, typmod);
  }

  /** The collation that values of a type have by default. */
  collationOf(typeOid: number): number {
    return this.catalog.type(typeOid)?.collation ?? 0;
  }
}

/** Constraints as the statement gives them, of a column or of the table, in one shape. */
import type { Constraint, Node, RangeVar } from '@pgsql/types';
import { notSupported } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';

interface CommonConstraint {
  /** Null: to be made up. */
  readonly name: string | null;
  readonly deferrable: boolean;
  readonly deferred: boolean;
  readonly location: number | undefined;
}

export interface CheckConstraint extends CommonConstraint {
  readonly kind: 'c';
  readonly expression: Node | string;
  readonly noInherit: boolean;
  readonly notValid: boolean;
}

export interface KeyConstraint extends CommonConstraint {
  readonly kind: 'p' | 'u';
  readonly columns: readonly string[];
  readonly including: readonly string[];
  readonly nullsNotDistinct: boolean;
  /** USING INDEX. */
  readonly index: string | null;
  readonly options: readonly Node[];
}

export interface ForeignKeyConstraint extends CommonConstraint {
  readonly kind: 'f';
  readonly columns: readonly string[];
  readonly table: RangeVar;
  /** Empty: the primary key. */
  readonly foreignColumns: readonly string[];
  readonly match: string;
  readonly onUpdate: string;
  readonly onDelete: string;
  readonly setColumns: readonly string[];
  readonly notValid: boolean;
}

export type TableConstraint = CheckConstraint | KeyConstraint | ForeignKeyConstraint;

/** `column`: the column that it is written at. Throws 0A000 for exclusion constraints. */
export function keyConstraint(node: Constraint, column: string | null = null): TableConstraint {
  const common: CommonConstraint = {
    name: node.conname ?? null,
    deferrable: node.deferrable ?? node.initdeferred ?? false,
    deferred: node.initdeferred ?? false,
    location: node.location,
  };
  const own = column === null ? [] : [column];
  switch (node.contype) {
    case 'CONSTR_CHECK':
      if (node.raw_expr === undefined) throw notSupported('a CHECK without expression');
      return {
        ...common,
        kind: 'c',
        expression: node.raw_expr,
        noInherit: node.is_no_inherit ?? false,
        notValid: node.skip_validation ?? false,
      };
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
      return {
        ...common,
        kind: node.contype === 'CONSTR_PRIMARY' ? 'p' : 'u',
        columns: node.keys === undefined ? own : nameParts(node.keys),
        including: nameParts(node.including),
        nullsNotDistinct: node.nulls_not_distinct ?? false,
        index: node.indexname ?? null,
        options: node.options ?? [],
      };
    case 'CONSTR_FOREIGN':
      return {
        ...common,
        kind: 'f',
        columns: node.fk_attrs === undefined ? own : nameParts(node.fk_attrs),
        table: node.pktable ?? {},
        foreignColumns: nameParts(node.pk_attrs),
        match: node.fk_matchtype ?? 's',
        onUpdate: node.fk_upd_action ?? 'a',
        onDelete: node.fk_del_action ?? 'a',
        setColumns: nameParts(node.fk_del_set_cols),
        notValid: node.skip_validation ?? false,
      };
    case 'CONSTR_EXCLUSION':
      throw notSupported('an exclusion constraint');
    default:
      throw notSupported(`the constraint ${node.contype ?? ''}`);
  }
}

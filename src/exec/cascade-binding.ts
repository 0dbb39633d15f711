/**
 * What cascading foreign keys need of the binder, which this folder may not import: the bound form of a table that no
 * statement names. `plainBinding` does without a binder for tables that need no bound expressions.
 */
import type { AttributeDesc, IndexDesc, RelationDesc } from '../catalog/descriptors.js';
import { notSupported } from '../errors/sql-error.js';
import { makeColumn } from '../sql/plan/column-expr.js';
import type { Expr } from '../sql/plan/expression.js';
import type { TargetIndex, WriteTarget } from '../sql/plan/plan-node.js';

export interface CascadeBinding {
  /** As the binder makes it for a statement that writes into the relation. */
  target(relation: RelationDesc): WriteTarget;
  /** The value that DEFAULT stands for. */
  defaultOf(relation: RelationDesc, attribute: AttributeDesc): Expr;
  /** The expression of a stored generated column over the target's columns. */
  generatedOf(attribute: AttributeDesc, target: WriteTarget): Expr;
}

export const plainBinding: CascadeBinding = {
  target(relation) {
    if (relation.constraints.some(({ kind }) => kind === 'c')) throw unbound(relation, 'CHECK constraints');
    const columns = relation.attributes.map((attribute) => attribute.number);
    if (relation.triggers.length > 0) throw unbound(relation, 'triggers');
    const indexes = relation.indexes.map((index) => plainIndex(relation, index));
    return { relation, columns, checks: [], indexes, triggers: [], generated: [] };
  },
  defaultOf(relation, attribute) {
    if (attribute.defaultText !== null || attribute.identity !== '') throw unbound(relation, 'default expressions');
    return { kind: 'const', value: null, type: attribute.type, typmod: -1, collation: 0, location: -1 };
  },
  generatedOf(_attribute, target) {
    throw unbound(target.relation, 'generated columns');
  },
};

function plainIndex(relation: RelationDesc, index: IndexDesc): TargetIndex {
  const numbers = index.attributes.slice(0, index.keyColumns);
  if (index.predicateText !== null || numbers.includes(0)) throw unbound(relation, 'expressions in indexes');
  return {
    index,
    keys: numbers.map((number) => {
      const attribute = relation.attributes[number - 1];
      return makeColumn(number, attribute.name, attribute);
    }),
    predicate: null,
    constraint: relation.constraints.find(({ oid }) => oid === index.constraint) ?? null,
  };
}

function unbound(relation: RelationDesc, what: string): Error {
  return notSupported(`a foreign key action on table "${relation.name}" with ${what}`);
}

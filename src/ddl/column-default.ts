/** Defaults, generation expressions and identity sequences of columns. */
import { dropDefault } from '../catalog/ddl/alter-relation.js';
import { createDefault } from '../catalog/ddl/create-constraint.js';
import { createSequence } from '../catalog/ddl/create-sequence.js';
import type { AttributeDesc, RelationDesc } from '../catalog/descriptors.js';
import { SqlError, sqlError } from '../errors/sql-error.js';
import type { BindContext } from '../sql/binder/bind-context.js';
import { assignTo } from '../sql/binder/write-target.js';
import type { Expr } from '../sql/plan/expression.js';
import { quoteQualified } from '../types/quote-identifier.js';
import type { Task } from '../util/task.js';
import type { ColumnDefinition, ExpressionSource } from './column-definition.js';
import type { DdlContext } from './ddl-context.js';
import { chooseRelationName } from './object-names.js';
import { creationPlace, positionOf, rangeOfParts, relationNow } from './relation-names.js';
import { stored } from './sequence.js';
import { sequenceOptions } from './sequence-options.js';
import { attributesRead, bindOver, isImmutable, PLACES, referencesOf, storedText } from './stored-expression.js';
import { findSyntax } from './syntax-walk.js';

/** Binds a DEFAULT as a value of the column's type. Throws 0A000 for column references, 42804. */
export function bindDefault(cx: DdlContext, source: ExpressionSource, attribute: AttributeDesc): Expr {
  const reference = typeof source === 'string' ? undefined : findSyntax(source, 'ColumnRef');
  if (reference !== undefined) {
    throw sqlError('feature_not_supported', 'cannot use column reference in DEFAULT expression').at(
      positionOf(cx, reference.location),
    );
  }
  const { expr, bind } = bindOver(cx, null, source, PLACES.default);
  return assignDefault(bind, expr, attribute);
}

/** The same conversion as for stored values, with the message that PostgreSQL has for defaults. */
function assignDefault(bind: BindContext, expr: Expr, attribute: AttributeDesc): Expr {
  try {
    return assignTo(bind, expr, attribute);
  } catch (error) {
    if (!(error instanceof SqlError) || error.condition !== 'datatype_mismatch') throw error;
    throw sqlError(
      'datatype_mismatch',
      `column "${attribute.name}" is of type ${bind.formatType(attribute.type)} but default expression is of type ${bind.formatType(expr.type)}`,
      { hint: 'You will need to rewrite or cast the expression.' },
    );
  }
}

/** SET DEFAULT; an earlier default goes. */
export function* setDefault(
  cx: DdlContext,
  table: number,
  attribute: AttributeDesc,
  source: ExpressionSource,
): Task<void> {
  const expr = bindDefault(cx, source, attribute);
  yield* dropDefault(cx.writer, table, attribute.number);
  // DEFAULT NULL is no default, unless a domain has one that must not be used.
  if (isPlainNull(expr) && cx.view().type(attribute.type)?.kind !== 'd') return;
  const references = referencesOf(cx, expr, table, []);
  const text = storedText(cx, expr);
  yield* createDefault(cx.writer, { relation: table, attribute: attribute.number, text, generated: false, references });
}

function isPlainNull(expr: Expr): boolean {
  if (expr.kind === 'const') return expr.value === null;
  return expr.kind === 'relabel' && !expr.explicit && isPlainNull(expr.arg);
}

/** GENERATED ALWAYS AS (…) STORED. Throws 42P17, 42P10. */
export function* setGenerated(
  cx: DdlContext,
  relation: RelationDesc,
  attribute: AttributeDesc,
  source: ExpressionSource,
): Task<void> {
  const { expr, bind, columns } = bindOver(cx, relation, source, PLACES.generated);
  const value = assignDefault(bind, expr, attribute);
  for (const number of attributesRead(value, columns)) {
    const { name, generated } = relation.attributes[number - 1];
    if (generated === '' && number !== attribute.number) continue;
    throw sqlError(
      'invalid_object_definition',
      `cannot use generated column "${name}" in column generation expression`,
      {
        detail:
          number === attribute.number
            ? 'This would cause the generated column to depend on its own value.'
            : 'A generated column cannot reference another generated column.',
      },
    ).at(positionOf(cx, typeof source === 'string' ? undefined : findSyntax(source, 'ColumnRef')?.location));
  }
  if (!isImmutable(value)) throw sqlError('invalid_object_definition', 'generation expression is not immutable');
  const references = referencesOf(cx, value, relation.oid, columns);
  const text = storedText(cx, value);
  yield* createDefault(cx.writer, {
    relation: relation.oid,
    attribute: attribute.number,
    text,
    generated: true,
    references,
  });
}

/** Makes the sequence of a serial column, and its nextval() default. */
export function* makeSerial(cx: DdlContext, table: number, attribute: AttributeDesc): Task<void> {
  const sequence = yield* ownSequence(cx, table, attribute, [], false);
  const { namespace, name } = relationNow(cx, sequence);
  const literal = quoteQualified(cx.view().namespace(namespace)?.name ?? null, name).replaceAll("'", "''");
  yield* setDefault(cx, table, attribute, `pg_catalog.nextval('${literal}'::pg_catalog.regclass)`);
}

/** Makes the sequence of an identity column. */
export function* makeIdentity(
  cx: DdlContext,
  table: number,
  attribute: AttributeDesc,
  options: NonNullable<ColumnDefinition['identity']>['options'],
): Task<void> {
  yield* ownSequence(cx, table, attribute, options, true);
}

function* ownSequence(
  cx: DdlContext,
  table: number,
  attribute: AttributeDesc,
  nodes: NonNullable<ColumnDefinition['identity']>['options'],
  internal: boolean,
): Task<number> {
  const relation = relationNow(cx, table);
  const options = sequenceOptions(cx, nodes, null, attribute.type);
  let namespace = relation.namespace;
  let name = chooseRelationName(cx, relation.name, attribute.name, 'seq', namespace);
  if (options.name !== null) {
    const range = rangeOfParts(options.name);
    name = range.relname ?? name;
    if (range.schemaname !== undefined) namespace = (yield* creationPlace(cx, range)).namespace;
  }
  const { oid } = yield* createSequence(cx.writer, {
    name,
    namespace,
    owner: relation.owner,
    persistence: relation.persistence,
    ...stored(options),
    ownedBy: { relation: table, attribute: attribute.number, internal },
  });
  return oid;
}

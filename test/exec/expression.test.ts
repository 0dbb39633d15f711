/** Compiled expressions: three-valued logic, short circuits, folding, parameters and cells. */
import t from 'tap';
import type { Expr } from '../../src/sql/plan/expression.js';
import { type Datum, PgArray, PgRecord } from '../../src/types/datum.js';
import * as oid from '../../src/types/oids.js';
import { bool, col, fn, lit, node, op, param, run } from './harness.js';

const at = { typmod: -1, collation: 0, location: -1 };

async function evaluate(expr: Expr, params: readonly Datum[] = []): Promise<Datum> {
  const [row] = await run(
    node('project', { columns: [1], exprs: [expr], input: node('one row', { columns: [] }) }),
    params,
  );
  return row[0];
}

const T = lit(true, oid.BOOL);
const F = lit(false, oid.BOOL);
const N = lit(null, oid.BOOL);
const failing = fn('int4div', oid.INT4, [lit(1), lit(0)]);

t.test('three-valued logic', async (t) => {
  const cases: [Expr, Datum][] = [
    [bool('and', T, N), null],
    [bool('and', F, N), false],
    [bool('and', N, F), false],
    [bool('or', N, T), true],
    [bool('or', F, N), null],
    [{ kind: 'not', arg: N, type: oid.BOOL, ...at }, null],
    [{ kind: 'null test', arg: N, negated: false, row: false, type: oid.BOOL, ...at }, true],
    [{ kind: 'boolean test', arg: N, value: true, negated: true, type: oid.BOOL, ...at }, true],
    [op('int4lt', lit(null), lit(5)), null],
    [op('int4lt', lit(4), lit(5)), true],
    [op('float8eq', lit(Number.NaN, oid.FLOAT8), lit(Number.NaN, oid.FLOAT8)), true],
    [op('float8gt', lit(Number.NaN, oid.FLOAT8), lit(1, oid.FLOAT8)), true],
  ];
  for (const [expr, expected] of cases) t.equal(await evaluate(expr), expected);
});

t.test('errors come only when evaluated', async (t) => {
  const branches = [{ condition: T, result: lit(1) }];
  const chosen: Expr = {
    kind: 'case',
    operand: null,
    operandColumn: -1,
    branches,
    otherwise: failing,
    type: oid.INT4,
    ...at,
  };
  t.equal(await evaluate(chosen), 1);
  t.equal(await evaluate({ kind: 'coalesce', args: [lit(7), failing], type: oid.INT4, ...at }), 7);
  await t.rejects(evaluate(failing), /division by zero/);
  await t.rejects(evaluate(fn('int4mul', oid.INT4, [lit(2000000000), lit(2)])), { code: '22003' });
});

t.test('functions without code', async (t) => {
  await t.rejects(evaluate(fn('no_such', oid.INT4, [lit(1), lit('x', oid.TEXT)])), {
    code: '0A000',
    message: 'function no_such(integer, text) is not supported',
  });
});

t.test('parameters, CASE with operand, NULLIF, DISTINCT FROM', async (t) => {
  t.equal(await evaluate(fn('int4pl', oid.INT4, [param(0), param(1)]), [2, 3]), 5);
  const simple: Expr = {
    kind: 'case',
    operand: param(0),
    operandColumn: 50,
    branches: [{ condition: op('int4eq', col(50), lit(3)), result: lit('three', oid.TEXT) }],
    otherwise: lit(null, oid.TEXT),
    type: oid.TEXT,
    ...at,
  };
  t.equal(await evaluate(simple, [3]), 'three');
  t.equal(await evaluate(simple, [4]), null);
  const left = lit(5);
  const right = lit(null);
  const equality = op('int4eq', left, right);
  t.equal(await evaluate({ kind: 'nullif', left, right, equality, type: oid.INT4, ...at }), 5);
  t.equal(
    await evaluate({ kind: 'distinct from', left, right, equality, negated: false, type: oid.BOOL, ...at }),
    true,
  );
});

t.test('arrays and rows', async (t) => {
  const many = PgArray.of(oid.INT4, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, null]);
  const inList = (value: Datum, array: PgArray, quantifier: 'any' | 'all', operator: string): Promise<Datum> => {
    const comparison = {
      ...op(quantifier === 'any' ? 'int4eq' : 'int4ne', lit(value), col(60)),
      operator: { name: operator, canHash: true, left: oid.INT4, right: oid.INT4 },
    };
    return evaluate({
      kind: 'array comparison',
      quantifier,
      left: lit(value),
      array: lit(array, oid.INT4_ARRAY),
      elementColumn: 60,
      comparison: comparison as never,
      type: oid.BOOL,
      ...at,
    });
  };
  t.equal(await inList(10, many, 'any', '='), true);
  t.equal(await inList(11, many, 'any', '='), null);
  t.equal(await inList(10, many, 'all', '<>'), false);
  t.equal(await inList(11, many, 'all', '<>'), null);
  t.equal(await inList(2, PgArray.of(oid.INT4, [1, 2]), 'any', '='), true);
  t.equal(await inList(3, PgArray.of(oid.INT4, []), 'all', '<>'), true);
  const row = await evaluate({ kind: 'row', fields: [lit(1), lit(null)], names: ['a', 'b'], type: oid.RECORD, ...at });
  t.ok(row instanceof PgRecord);
  const pair = (a: number, b: number) => ({ equal: op('int4eq', lit(a), lit(b)), less: op('int4lt', lit(a), lit(b)) });
  const compare = (operator: '<' | '<=' | '>' | '>=', a: [number, number], b: [number, number]) =>
    evaluate({ kind: 'row comparison', operator, pairs: [pair(a[0], b[0]), pair(a[1], b[1])], type: oid.BOOL, ...at });
  t.equal(await compare('<', [1, 2], [1, 3]), true);
  t.equal(await compare('>', [1, 2], [1, 3]), false);
  t.equal(await compare('>=', [1, 3], [1, 3]), true);
});

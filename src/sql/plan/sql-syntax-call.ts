/** Calls that SQL writes with words between the arguments: EXTRACT(year FROM d), (t AT TIME ZONE z), TRIM(BOTH FROM x). */
import type { Expr, FunctionExpr } from './expression.js';

/** Undefined for a function that is written like any other. `arg` prints an argument. */
export function sqlSyntaxCall(expr: FunctionExpr, arg: (expr: Expr) => string): string | undefined {
  const { args } = expr;
  const texts = args.map(arg);
  const [a, b, c, d] = texts;
  switch (expr.proc.name) {
    case 'timezone':
      return `(${b} AT TIME ZONE ${a})`;
    case 'overlaps':
      return `((${a}, ${b}) OVERLAPS (${c}, ${d}))`;
    case 'extract':
      return `EXTRACT(${word(args[0]) ?? a} FROM ${b})`;
    case 'is_normalized':
      return `((${a}) IS${texts.length > 1 ? ` ${word(args[1]) ?? b}` : ''} NORMALIZED)`;
    case 'normalize':
      return `NORMALIZE(${a}${texts.length > 1 ? `, ${word(args[1]) ?? b}` : ''})`;
    case 'pg_collation_for':
      return `COLLATION FOR (${a})`;
    case 'overlay':
      return `OVERLAY(${a} PLACING ${b} FROM ${c}${d === undefined ? '' : ` FOR ${d}`})`;
    case 'position':
      return `POSITION((${b}) IN (${a}))`;
    case 'substring':
      return `SUBSTRING(${a} ${range(expr, b, c)})`;
    case 'btrim':
      return trim('BOTH', a, b);
    case 'ltrim':
      return trim('LEADING', a, b);
    case 'rtrim':
      return trim('TRAILING', a, b);
    default:
      return undefined;
  }
}

const trim = (side: string, text: string, characters: string | undefined): string =>
  `TRIM(${side}${characters === undefined ? '' : ` ${characters}`} FROM ${text})`;

/** Numbers say from where; texts are patterns. */
function range({ args }: FunctionExpr, from: string, length: string | undefined): string {
  if (args.length === 3 && args[1].type === args[2].type && args[0].type === args[1].type)
    return `SIMILAR ${from} ESCAPE ${length}`;
  return length === undefined ? `FROM ${from}` : `FROM ${from} FOR ${length}`;
}

/** A name that stands in the call as a text constant. */
function word(expr: Expr): string | undefined {
  return expr.kind === 'const' && typeof expr.value === 'string' ? expr.value : undefined;
}

/** Labels of blocks and loops, before and behind them. */
import type { FunctionParser } from './function-parser.js';

/** `<<name>>` */
export function parseLabel(parser: FunctionParser): string {
  const { reader } = parser;
  reader.expect('<<');
  const name = reader.name();
  reader.expect('>>');
  return name.value;
}

/** The label behind END. @throws SqlError 42601 when it is another one */
export function parseEndLabel(parser: FunctionParser, label: string): void {
  const { reader } = parser;
  const token = reader.peek();
  if (token.kind !== 'word') return;
  const end = reader.name().value;
  if (label === '') throw reader.fault(token, `end label "${end}" specified for unlabeled block`);
  if (end !== label) throw reader.fault(token, `end label "${end}" differs from block's label "${label}"`);
}

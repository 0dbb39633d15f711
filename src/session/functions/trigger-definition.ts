/** pg_get_triggerdef: a trigger as the statement that makes it. */
import { functionNameIn, relationNameIn } from '../../sql/deparse/object-names.js';
import { quoteIdentifier } from '../../types/quote-identifier.js';
import type { SessionEnvironment } from '../session-environment.js';
import { printStored } from './stored-printing.js';

/** `pretty`: names are qualified where that is needed only. Null when there is no such trigger. */
export function triggerDefinition(environment: SessionEnvironment, oid: number, pretty: boolean): string | null {
  const { catalog } = environment;
  const [row] = catalog.rows('pg_trigger_oid_index', [oid]);
  const relation = row === undefined ? undefined : catalog.relation(row.number('tgrelid'));
  const trigger = relation?.triggers.find((candidate) => candidate.oid === oid);
  if (row === undefined || relation === undefined || trigger === undefined) return null;
  const columns = trigger.columns.map((number) => quoteIdentifier(relation.attributes[number - 1].name)).join(', ');
  const events = trigger.events.map((event) => (event === 'UPDATE' && columns !== '' ? `UPDATE OF ${columns}` : event));
  const parts = [
    `CREATE ${trigger.constraint === 0 ? '' : 'CONSTRAINT '}TRIGGER ${quoteIdentifier(trigger.name)}`,
    `${trigger.timing} ${events.join(' OR ')} ON ${relationNameIn(catalog, relation, !pretty)}`,
  ];
  if (trigger.constraint !== 0) {
    const other = catalog.relation(row.number('tgconstrrelid'));
    if (other !== undefined) parts.push(`FROM ${relationNameIn(catalog, other, false)}`);
    if (!row.boolean('tgdeferrable')) parts.push('NOT');
    parts.push(`DEFERRABLE INITIALLY ${trigger.initiallyDeferred ? 'DEFERRED' : 'IMMEDIATE'}`);
  }
  const tables = [
    ...(trigger.oldTable === null ? [] : [`OLD TABLE AS ${quoteIdentifier(trigger.oldTable)}`]),
    ...(trigger.newTable === null ? [] : [`NEW TABLE AS ${quoteIdentifier(trigger.newTable)}`]),
  ];
  if (tables.length > 0) parts.push(`REFERENCING ${tables.join(' ')}`);
  parts.push(`FOR EACH ${trigger.level}`);
  if (trigger.whenText !== null) {
    const { text } = printStored(environment, trigger.whenText, { trigger: relation.oid }, pretty);
    parts.push(`WHEN (${text})`);
  }
  const proc = catalog.proc(trigger.function);
  const args = trigger.args.map((arg) => `'${arg.replaceAll("'", "''")}'`).join(', ');
  parts.push(`EXECUTE FUNCTION ${proc === undefined ? '' : functionNameIn(catalog, proc)}(${args})`);
  return parts.join(' ');
}

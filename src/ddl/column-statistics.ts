/** ALTER COLUMN SET STATISTICS and SET (n_distinct = …): what ANALYZE is to do about a column. */
import type { AlterTableCmd } from '@pgsql/types';
import { updateColumn } from '../catalog/ddl/alter-relation.js';
import { textArray } from '../catalog/ddl/create-relation.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import type { DdlContext } from './ddl-context.js';
import { defElems, optionText } from './option-values.js';

export const MOST_ENTRIES = 10000;
const NAMES = ['n_distinct', 'n_distinct_inherited'];
const LEAST = -1;
const SYSTEM_COLUMNS = ['tableoid', 'ctid', 'xmin', 'cmin', 'xmax', 'cmax'];

/** The column that the command names. @throws SqlError 42703, 0A000 */
function attributeOf(relation: RelationDesc, command: AlterTableCmd): number {
  const { name, num } = command;
  if (name === undefined) {
    if (relation.kind !== 'i') throw sqlError('feature_not_supported', 'cannot refer to non-index column by number');
    if (relation.attributes[(num ?? 0) - 1]?.dropped === false) return num ?? 0;
    throw sqlError('undefined_column', `column number ${num ?? 0} of relation "${relation.name}" does not exist`);
  }
  if (SYSTEM_COLUMNS.includes(name)) throw sqlError('feature_not_supported', `cannot alter system column "${name}"`);
  const attribute = relation.attributes.find((candidate) => candidate.name === name && !candidate.dropped);
  if (attribute !== undefined) return attribute.number;
  throw sqlError('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
}

/** A statistics target, -1 for the default. @throws SqlError 22023 */
export function statisticsTarget(cx: DdlContext, wanted: number): number {
  if (wanted < -1) throw sqlError('invalid_parameter_value', `statistics target ${wanted} is too low`);
  if (wanted <= MOST_ENTRIES) return wanted;
  cx.notice('WARNING', `lowering statistics target to ${MOST_ENTRIES}`, { code: '22023' });
  return MOST_ENTRIES;
}

export function* setStatisticsTarget(cx: DdlContext, relation: RelationDesc, command: AlterTableCmd): Task<void> {
  const { def } = command;
  const wanted = def !== undefined && 'Integer' in def ? (def.Integer.ival ?? 0) : -1;
  const attstattarget = statisticsTarget(cx, wanted);
  const number = attributeOf(relation, command);
  refuseIndexColumn(cx, relation, number);
  yield* updateColumn(cx.writer, relation.oid, number, { attstattarget });
}

/** Columns of the table in an index have the table's statistics. */
function refuseIndexColumn(cx: DdlContext, relation: RelationDesc, number: number): void {
  const index = cx.view().index(relation.oid);
  if (index === undefined || index.attributes[number - 1] === 0) return;
  const column = relation.attributes[number - 1].name;
  const what = number > index.keyColumns ? 'included' : 'non-expression';
  throw sqlError(
    'feature_not_supported',
    `cannot alter statistics on ${what} column "${column}" of index "${index.name}"`,
    what === 'included' ? {} : { hint: 'Alter statistics on table column instead.' },
  );
}

/** SET and RESET of attoptions. @throws SqlError 22023 */
export function* setColumnOptions(cx: DdlContext, relation: RelationDesc, command: AlterTableCmd): Task<void> {
  const number = attributeOf(relation, command);
  const options = defElems(command.def !== undefined && 'List' in command.def ? command.def.List.items : []);
  const row = cx.writer.findOne('pg_attribute_relid_attnum_index', [relation.oid, number]);
  const names = options.map((option) => option.defname ?? '');
  const kept = (row?.textsOrNull('attoptions') ?? []).filter((text) => !names.includes(text.split('=')[0]));
  const added: string[] = [];
  for (const [i, option] of options.entries()) {
    const name = names[i];
    if (option.defnamespace !== undefined)
      throw sqlError('invalid_parameter_value', `unrecognized parameter namespace "${option.defnamespace}"`);
    if (command.subtype === 'AT_ResetOptions') continue;
    if (!NAMES.includes(name)) throw sqlError('invalid_parameter_value', `unrecognized parameter "${name}"`);
    if (names.indexOf(name) !== i)
      throw sqlError('invalid_parameter_value', `parameter "${name}" specified more than once`);
    added.push(`${name}=${checkedDistinct(name, optionText(option) ?? 'true')}`);
  }
  const all = [...kept, ...added];
  yield* updateColumn(cx.writer, relation.oid, number, { attoptions: all.length === 0 ? null : textArray(all) });
}

function checkedDistinct(name: string, text: string): string {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw sqlError('invalid_parameter_value', `invalid value for floating point option "${name}": ${text}`);
  if (value >= LEAST) return text;
  throw sqlError('invalid_parameter_value', `value ${text} out of bounds for option "${name}"`, {
    detail: `Valid values are between "${LEAST.toFixed(6)}" and "${BigInt(Number.MAX_VALUE)}.000000".`,
  });
}

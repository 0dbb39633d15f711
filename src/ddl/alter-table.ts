/**
 * ALTER TABLE: the commands in PostgreSQL's order (drops, types, new columns, column properties, constraints, the rest),
 * whatever their order in the statement.
 */
import type { AlterTableCmd, AlterTableStmt, AlterTableType } from '@pgsql/types';
import { relationWord } from '../catalog/acl/access-errors.js';
import { setObjectOwner } from '../catalog/ddl/alter-object.js';
import { updateColumn, updateRelation } from '../catalog/ddl/alter-relation.js';
import { textArray } from '../catalog/ddl/create-relation.js';
import { address } from '../catalog/ddl/dependencies.js';
import type { RelationDesc } from '../catalog/descriptors.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { requireGivable, requireRelationOwner } from './access.js';
import { addConstraint } from './add-constraint.js';
import {
  addColumnTo,
  addIdentity,
  alterDefault,
  columnOf,
  dropColumn,
  dropExpression,
  dropIdentity,
  dropNotNull,
  setIdentity,
  setNotNull,
} from './alter-column.js';
import { alterColumnType } from './alter-column-type.js';
import { addAttribute, alterAttributeType } from './alter-composite.js';
import { alterConstraint, dropConstraint, validateConstraint } from './alter-constraint.js';
import { alterTableLock } from './alter-lock.js';
import { markClustered } from './cluster-mark.js';
import { setColumnOptions, setStatisticsTarget } from './column-statistics.js';
import { switchTriggers } from './create-trigger.js';
import type { DdlContext } from './ddl-context.js';
import { refuseSystemRelation, relationNow, requireUnused } from './relation-names.js';
import { roleOid } from './role-names.js';
import { setLogged } from './set-logged.js';
import { openOrSkip } from './skipping.js';
import { type ParameterOwner, resetParameters, storageParameters } from './storage-parameters.js';
import { keyConstraint, type TableConstraint } from './table-constraint.js';

const TAGS: Readonly<
  Record<string, { readonly tag: string; readonly kinds: readonly RelationDesc['kind'][]; readonly article: string }>
> = {
  OBJECT_TABLE: { tag: 'ALTER TABLE', kinds: ['r', 'v', 'm', 'i', 'S', 'c'], article: 'a table' },
  OBJECT_INDEX: { tag: 'ALTER INDEX', kinds: ['i'], article: 'an index' },
  OBJECT_VIEW: { tag: 'ALTER VIEW', kinds: ['v'], article: 'a view' },
  OBJECT_MATVIEW: { tag: 'ALTER MATERIALIZED VIEW', kinds: ['m'], article: 'a materialized view' },
  OBJECT_SEQUENCE: { tag: 'ALTER SEQUENCE', kinds: ['S'], article: 'a sequence' },
  OBJECT_TYPE: { tag: 'ALTER TYPE', kinds: ['c'], article: 'a composite type' },
};

const DROPS: readonly AlterTableType[] = [
  'AT_DropColumn',
  'AT_DropConstraint',
  'AT_DropNotNull',
  'AT_DropExpression',
  'AT_DropIdentity',
];

function pass(command: AlterTableCmd): number {
  const kind = command.subtype ?? 'AT_AddColumn';
  if (DROPS.includes(kind)) return 0;
  if (kind === 'AT_AlterColumnType') return 1;
  if (kind === 'AT_AddColumn') return 2;
  if (kind === 'AT_ColumnDefault') return command.def === undefined ? 0 : 3;
  if (['AT_AddIdentity', 'AT_SetIdentity', 'AT_SetNotNull'].includes(kind)) return 3;
  if (kind === 'AT_AddConstraint') {
    const type = command.def !== undefined && 'Constraint' in command.def ? command.def.Constraint.contype : undefined;
    return type === 'CONSTR_PRIMARY' || type === 'CONSTR_UNIQUE' ? 4 : type === 'CONSTR_FOREIGN' ? 6 : 5;
  }
  return 7;
}

export function* alterTableStatement(cx: DdlContext, statement: AlterTableStmt): Task<string> {
  const words = TAGS[statement.objtype ?? 'OBJECT_TABLE'];
  if (words === undefined) throw notSupported(`ALTER ${statement.objtype ?? ''}`);
  const range = statement.relation ?? {};
  const commands = (statement.cmds ?? []).flatMap((node) => ('AlterTableCmd' in node ? [node.AlterTableCmd] : []));
  const relation = yield* openOrSkip(cx, range, alterTableLock(commands), statement.missing_ok);
  if (relation === undefined) return words.tag;
  requireRelationOwner(cx, relation);
  refuseSystemRelation(relation);
  if (!words.kinds.includes(relation.kind)) {
    throw sqlError('wrong_object_type', `"${relation.name}" is not ${words.article}`);
  }
  requireUnused(cx, relation, words.tag);
  const sorted = commands.map((command) => ({ command, pass: pass(command) })).sort((a, b) => a.pass - b.pass);
  const later: TableConstraint[] = [];
  for (const { command, pass: number } of sorted) {
    if (number > 3) yield* addLater(cx, relation.oid, later);
    yield* runCommand(cx, relation.oid, command, later);
  }
  yield* addLater(cx, relation.oid, later);
  return words.tag;
}

/** Constraints that came with new columns. Keys before checks before foreign keys. */
function* addLater(cx: DdlContext, table: number, later: TableConstraint[]): Task<void> {
  const order = { p: 0, u: 1, c: 2, f: 3 };
  const constraints = later.splice(0).sort((a, b) => order[a.kind] - order[b.kind]);
  for (const constraint of constraints) yield* addConstraint(cx, table, constraint);
}

function* runCommand(cx: DdlContext, table: number, command: AlterTableCmd, later: TableConstraint[]): Task<void> {
  const name = command.name ?? '';
  const { def } = command;
  const missingOk = command.missing_ok ?? false;
  const cascade = command.behavior === 'DROP_CASCADE';
  const relation = relationNow(cx, table);
  refuseWithoutStorage(relation, command);
  switch (command.subtype ?? 'AT_AddColumn') {
    case 'AT_AddColumn':
      if (def === undefined || !('ColumnDef' in def)) return;
      if (relation.kind === 'c') yield* addAttribute(cx, relation, def.ColumnDef);
      else later.push(...(yield* addColumnTo(cx, table, def.ColumnDef, missingOk)));
      return;
    case 'AT_DropColumn':
      return yield* dropColumn(cx, table, name, missingOk, cascade);
    case 'AT_ColumnDefault':
      return yield* alterDefault(cx, table, name, def);
    case 'AT_SetNotNull':
      return yield* setNotNull(cx, table, name);
    case 'AT_DropNotNull':
      return yield* dropNotNull(cx, table, name);
    case 'AT_DropExpression':
      return yield* dropExpression(cx, table, name, missingOk);
    case 'AT_AddIdentity':
      return yield* addIdentity(cx, table, name, def);
    case 'AT_SetIdentity':
      return yield* setIdentity(cx, table, name, def);
    case 'AT_DropIdentity':
      return yield* dropIdentity(cx, table, name, missingOk);
    case 'AT_AlterColumnType':
      if (def === undefined || !('ColumnDef' in def)) return;
      if (relation.kind === 'c') yield* alterAttributeType(cx, relation, name, def.ColumnDef);
      else yield* alterColumnType(cx, table, name, def.ColumnDef);
      return;
    case 'AT_AddConstraint':
      if (def !== undefined && 'Constraint' in def) yield* addConstraint(cx, table, keyConstraint(def.Constraint));
      return;
    case 'AT_DropConstraint':
      return yield* dropConstraint(cx, table, name, missingOk, cascade);
    case 'AT_ValidateConstraint':
      return yield* validateConstraint(cx, table, name);
    case 'AT_AlterConstraint':
      if (def !== undefined && 'Constraint' in def) yield* alterConstraint(cx, table, def.Constraint);
      return;
    default:
      return yield* runPropertyCommand(cx, table, command);
  }
}

function* runPropertyCommand(cx: DdlContext, table: number, command: AlterTableCmd): Task<void> {
  const relation = relationNow(cx, table);
  const { def } = command;
  switch (command.subtype) {
    case 'AT_SetStatistics':
      return yield* setStatisticsTarget(cx, relation, command);
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
      return yield* setColumnOptions(cx, relation, command);
    case 'AT_SetStorage': {
      const text = def !== undefined && 'String' in def ? (def.String.sval ?? '').toLowerCase() : 'plain';
      const codes: Readonly<Record<string, string>> = { plain: 'p', external: 'e', extended: 'x', main: 'm' };
      if (codes[text] === undefined) throw sqlError('invalid_parameter_value', `invalid storage type "${text}"`);
      const { number } = columnOf(relation, command.name ?? '');
      return yield* updateColumn(cx.writer, table, number, { attstorage: codes[text] });
    }
    case 'AT_ChangeOwner':
      if (command.newowner !== undefined) {
        const role = roleOid(cx, command.newowner);
        const relation = relationNow(cx, table);
        if (relation.owner === role) return;
        requireGivable(cx, { ...relation, what: relationWord(relation.kind) }, role);
        yield* setObjectOwner(cx.writer, address('pg_class', table), role);
      }
      return;
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
      return yield* setOptions(cx, relation, command);
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
      return yield* setLogged(cx, relation, command.subtype === 'AT_SetLogged');
    case 'AT_ReplicaIdentity': {
      const kind =
        def !== undefined && 'ReplicaIdentityStmt' in def ? (def.ReplicaIdentityStmt.identity_type ?? 'd') : 'd';
      return yield* updateRelation(cx.writer, table, { relreplident: kind });
    }
    case 'AT_ClusterOn':
    case 'AT_DropCluster':
      return yield* markClustered(cx, relation, command.name);
    case 'AT_EnableRowSecurity':
    case 'AT_ForceRowSecurity':
      throw notSupported('row-level security');
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_DisableTrig':
    case 'AT_EnableTrigAll':
    case 'AT_DisableTrigAll':
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrigUser':
      return yield* switchTriggers(cx, relation, command);
    case 'AT_SetCompression':
    case 'AT_DropOids':
    case 'AT_DisableRowSecurity':
    case 'AT_NoForceRowSecurity':
    case 'AT_SetAccessMethod':
    case 'AT_SetTableSpace':
      return;
    default:
      throw notSupported(`ALTER TABLE ${(command.subtype ?? '').slice('AT_'.length)}`);
  }
}

/** Columns and constraints are for tables; views have defaults, indexes and sequences properties only. */
function refuseWithoutStorage(relation: RelationDesc, command: AlterTableCmd): void {
  if (relation.kind === 'r') return;
  const structural = pass(command) < 7;
  if (!structural || (relation.kind === 'v' && command.subtype === 'AT_ColumnDefault')) return;
  if (relation.kind === 'c') return;
  const kinds: Readonly<Record<string, string>> = { v: 'views', m: 'materialized views', i: 'indexes', S: 'sequences' };
  throw sqlError(
    'wrong_object_type',
    `ALTER action ${actionName(command)} cannot be performed on relation "${relation.name}"`,
    {
      detail: `This operation is not supported for ${kinds[relation.kind] ?? 'this kind of relation'}.`,
    },
  );
}

function actionName(command: AlterTableCmd): string {
  const names: Partial<Record<AlterTableType, string>> = {
    AT_AddColumn: 'ADD COLUMN',
    AT_DropColumn: 'DROP COLUMN',
    AT_ColumnDefault: 'ALTER COLUMN ... SET DEFAULT',
    AT_SetNotNull: 'ALTER COLUMN ... SET NOT NULL',
    AT_DropNotNull: 'ALTER COLUMN ... DROP NOT NULL',
    AT_AlterColumnType: 'ALTER COLUMN ... SET DATA TYPE',
    AT_AddConstraint: 'ADD CONSTRAINT',
    AT_DropConstraint: 'DROP CONSTRAINT',
  };
  return names[command.subtype ?? 'AT_AddColumn'] ?? (command.subtype ?? '').slice('AT_'.length);
}

function parameterOwner(cx: DdlContext, relation: RelationDesc): ParameterOwner {
  if (relation.kind === 'v') return 'view';
  if (relation.kind !== 'i') return 'table';
  return { method: cx.view().index(relation.oid)?.method ?? 'btree' };
}

function* setOptions(cx: DdlContext, relation: RelationDesc, command: AlterTableCmd): Task<void> {
  const nodes = command.def !== undefined && 'List' in command.def ? command.def.List.items : [];
  const set = command.subtype === 'AT_SetRelOptions';
  const added = set ? storageParameters(nodes, parameterOwner(cx, relation)) : [];
  const names = set ? added.map((option) => option.split('=')[0]) : resetParameters(nodes);
  const kept = relation.options.filter((option) => !names.includes(option.split('=')[0]));
  yield* updateRelation(cx.writer, relation.oid, { reloptions: textArray([...kept, ...added]) });
}

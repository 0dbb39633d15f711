/** How strongly ALTER TABLE locks its table: as the strongest of its commands wants it. */
import type { AlterTableCmd, AlterTableType } from '@pgsql/types';
import type { TableLockMode } from '../storage/api.js';
import { TABLE_LOCK_MODES } from '../storage/lock-modes.js';

/** Commands that need less than to be alone with the table. */
const WEAKER: Partial<Record<AlterTableType, TableLockMode>> = {
  AT_SetStatistics: 'ShareUpdateExclusiveLock',
  AT_SetOptions: 'ShareUpdateExclusiveLock',
  AT_ResetOptions: 'ShareUpdateExclusiveLock',
  AT_SetRelOptions: 'ShareUpdateExclusiveLock',
  AT_ResetRelOptions: 'ShareUpdateExclusiveLock',
  AT_ClusterOn: 'ShareUpdateExclusiveLock',
  AT_DropCluster: 'ShareUpdateExclusiveLock',
  AT_ValidateConstraint: 'ShareUpdateExclusiveLock',
  AT_AttachPartition: 'ShareUpdateExclusiveLock',
  AT_EnableTrig: 'ShareRowExclusiveLock',
  AT_EnableAlwaysTrig: 'ShareRowExclusiveLock',
  AT_EnableReplicaTrig: 'ShareRowExclusiveLock',
  AT_EnableTrigAll: 'ShareRowExclusiveLock',
  AT_EnableTrigUser: 'ShareRowExclusiveLock',
  AT_DisableTrig: 'ShareRowExclusiveLock',
  AT_DisableTrigAll: 'ShareRowExclusiveLock',
  AT_DisableTrigUser: 'ShareRowExclusiveLock',
};

/** Storage parameters that others must not work without. */
const STRONG_OPTIONS = new Set(['user_catalog_table', 'security_barrier', 'security_invoker', 'check_option']);

function lockOf(command: AlterTableCmd): TableLockMode {
  const { def } = command;
  if (command.subtype === 'AT_AddConstraint' && def !== undefined && 'Constraint' in def) {
    return def.Constraint.contype === 'CONSTR_FOREIGN' ? 'ShareRowExclusiveLock' : 'AccessExclusiveLock';
  }
  const options = def !== undefined && 'List' in def ? (def.List.items ?? []) : [];
  if (options.some((node) => 'DefElem' in node && STRONG_OPTIONS.has(node.DefElem.defname ?? '')))
    return 'AccessExclusiveLock';
  return WEAKER[command.subtype ?? 'AT_AddColumn'] ?? 'AccessExclusiveLock';
}

/** REQUIRES: at least one command; without any it is the strongest lock. */
export function alterTableLock(commands: readonly AlterTableCmd[]): TableLockMode {
  const strengths = commands.map((command) => TABLE_LOCK_MODES.indexOf(lockOf(command)));
  return strengths.length === 0 ? 'AccessExclusiveLock' : TABLE_LOCK_MODES[Math.max(...strengths)];
}

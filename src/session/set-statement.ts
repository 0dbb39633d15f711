/** SET, RESET, SHOW, SET TRANSACTION. */
import type { Node, VariableSetStmt, VariableShowStmt } from '@pgsql/types';
import { notSupported } from '../errors/sql-error.js';
import type { OutputField } from '../sql/plan/planned-statement.js';
import * as oid from '../types/oids.js';
import type { Portal } from './portal.js';
import type { RowSink } from './row-sink.js';
import { startRows } from './run-planned.js';
import type { Session } from './session.js';
import { Settings } from './settings.js';
import { warnOutsideBlock } from './statement-rules.js';
import { applyModes } from './transaction-modes.js';

export function runVariableSet(session: Session, statement: VariableSetStmt): string {
  const name = statement.name ?? '';
  const local = statement.is_local === true;
  if (local) warnOutsideBlock(session, 'SET LOCAL');
  switch (statement.kind) {
    case 'VAR_SET_VALUE':
      assign(session, name, valueText(name, statement.args ?? []), local);
      return 'SET';
    case 'VAR_SET_DEFAULT':
      assign(session, name, null, local);
      return 'SET';
    case 'VAR_SET_CURRENT':
      assign(session, name, session.settings.get(name) ?? '', local);
      return 'SET';
    case 'VAR_SET_MULTI':
      setMulti(session, name, statement.args ?? []);
      return 'SET';
    case 'VAR_RESET':
      if (name.startsWith('transaction_')) warnOutsideBlock(session, 'RESET TRANSACTION');
      assign(session, name, null, false);
      return 'RESET';
    case 'VAR_RESET_ALL':
      session.settings.resetAll();
      return 'RESET';
    default:
      throw notSupported('this form of SET');
  }
}

/** What a SET clause of a function gives its parameter; null to take the clause away. */
export function clauseValue(session: Session, statement: VariableSetStmt): string | null {
  const name = statement.name ?? '';
  switch (statement.kind) {
    case 'VAR_SET_VALUE':
      return valueText(name, statement.args ?? []);
    case 'VAR_SET_CURRENT':
      return session.settings.get(name) ?? '';
    default:
      return null;
  }
}

/** Assigns a parameter. A new session authorization also ends SET ROLE. */
function assign(session: Session, name: string, value: string | null, local: boolean): void {
  session.settings.set(name, value, local);
  if (name === 'session_authorization') session.settings.set('role', 'none', local);
}

function setMulti(session: Session, name: string, args: readonly Node[]): void {
  switch (name) {
    case 'TRANSACTION':
      warnOutsideBlock(session, 'SET TRANSACTION');
      applyModes(session.settings, args);
      return;
    case 'SESSION CHARACTERISTICS':
      applyModes(session.settings, args, 'default_');
      return;
    case 'TRANSACTION SNAPSHOT':
      warnOutsideBlock(session, 'SET TRANSACTION');
      session.block.importSnapshot(valueText(name, args));
      return;
    default:
      throw notSupported(`SET ${name}`);
  }
}

/** The arguments of SET as one string; lists are joined, names quoted where that matters. */
export function valueText(name: string, args: readonly Node[]): string {
  const isList = name === 'search_path' || name === 'temp_tablespaces';
  return args.map((node) => argumentText(node, isList)).join(', ');
}

function argumentText(node: Node, quoted: boolean): string {
  if ('TypeCast' in node && node.TypeCast.arg !== undefined) {
    const text = argumentText(node.TypeCast.arg, false);
    return `INTERVAL '${text}'`;
  }
  if (!('A_Const' in node)) throw notSupported('this value of SET');
  const { ival, fval, sval, boolval } = node.A_Const;
  if (sval !== undefined) {
    const text = sval.sval ?? '';
    return quoted && !/^[a-z_][a-z0-9_$]*$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
  if (fval !== undefined) return fval.fval ?? '';
  if (boolval !== undefined) return boolval.boolval ? 'on' : 'off';
  return String(ival?.ival ?? 0);
}

const SPECIAL_NAMES: Record<string, string> = {
  timezone: 'TimeZone',
  datestyle: 'DateStyle',
  intervalstyle: 'IntervalStyle',
};

export function showFields(statement: VariableShowStmt): OutputField[] {
  const field = (name: string): OutputField => ({
    name,
    type: oid.TEXT,
    typmod: -1,
    collation: 0,
    tableOid: 0,
    columnNumber: 0,
  });
  if (statement.name === 'all') return [field('name'), field('setting'), field('description')];
  const name = statement.name ?? '';
  return [field(SPECIAL_NAMES[name.toLowerCase()] ?? name)];
}

export function runShow(session: Session, portal: Portal, statement: VariableShowStmt, sink: RowSink): string {
  startRows(session, portal, sink);
  if (statement.name === 'all') {
    for (const { name } of Settings.all())
      if (session.settings.isShown(name)) sink.row([name, session.settings.show(name), '']);
    return 'SHOW';
  }
  sink.row([session.settings.show(statement.name ?? '')]);
  return 'SHOW';
}

/** SET, RESET, SHOW, SET TRANSACTION. */
import type { Node, VariableSetStmt, VariableShowStmt } from '@pgsql/types';
import { notSupported, sqlError } from '../errors/sql-error.js';
import type { OutputField } from '../sql/plan/plan-node.js';
import * as oid from '../types/oids.js';
import type { Portal } from './portal.js';
import type { RowSink } from './row-sink.js';
import { startRows } from './run-planned.js';
import type { Session } from './session.js';
import { Settings } from './settings.js';
import { applyTransactionModes } from './transaction-statement.js';

export function runVariableSet(session: Session, statement: VariableSetStmt): string {
  const name = statement.name ?? '';
  const local = statement.is_local === true;
  if (local && !session.block.inBlock)
    session.notice('WARNING', 'SET LOCAL can only be used in transaction blocks', {}, '25P01');
  switch (statement.kind) {
    case 'VAR_SET_VALUE':
      setValue(session, name, valueText(name, statement.args ?? []), local);
      return 'SET';
    case 'VAR_SET_DEFAULT':
      session.settings.set(name, null, local);
      return 'SET';
    case 'VAR_SET_CURRENT':
      session.settings.set(name, session.settings.get(name) ?? '', local);
      return 'SET';
    case 'VAR_SET_MULTI':
      return setMulti(session, name, statement.args ?? []);
    case 'VAR_RESET':
      resetValue(session, name);
      return 'RESET';
    case 'VAR_RESET_ALL':
      session.settings.resetAll();
      return 'RESET';
    default:
      throw notSupported('this form of SET');
  }
}

function setValue(session: Session, name: string, value: string, local: boolean): void {
  switch (name) {
    case 'transaction_isolation':
      session.block.setIsolation(value);
      return;
    case 'transaction_read_only':
      session.block.ensure().readOnly = value === 'on' || value === 'true';
      return;
    case 'role':
      setRole(session, value);
      return;
    case 'session_authorization':
      setRole(session, value);
      return;
    default:
      session.settings.set(name, value, local);
  }
}

function resetValue(session: Session, name: string): void {
  if (name === 'role' || name === 'session_authorization') setRole(session, 'none');
  else session.settings.reset(name);
}

/** SET ROLE and SET SESSION AUTHORIZATION: later statements run as that role. */
function setRole(session: Session, name: string): void {
  const wanted = name === 'none' || name === 'default' ? session.identity.sessionUser : name;
  const role = session.environment.catalog.roleByName(wanted);
  if (role === undefined) throw sqlError('undefined_object', `role "${wanted}" does not exist`);
  session.identity.currentUser = role.name;
  session.identity.currentRole = role.oid;
  session.environment.searchPathSetting = { ...session.environment.searchPathSetting, user: role.name };
}

function setMulti(session: Session, name: string, args: readonly Node[]): string {
  if (name === 'TRANSACTION') applyTransactionModes(session, args);
  else if (name === 'SESSION CHARACTERISTICS') setCharacteristics(session, args);
  else throw notSupported(`SET ${name}`);
  return 'SET';
}

function setCharacteristics(session: Session, args: readonly Node[]): void {
  for (const node of args) {
    if (!('DefElem' in node)) continue;
    const argument = node.DefElem.arg;
    const constant = argument !== undefined && 'A_Const' in argument ? argument.A_Const : undefined;
    const value = constant?.sval?.sval ?? (constant?.ival?.ival === 1 ? 'on' : 'off');
    session.settings.set(`default_${node.DefElem.defname}`, value, false);
  }
}

/** The arguments of SET as one string; lists are joined, names quoted where that matters. */
function valueText(name: string, args: readonly Node[]): string {
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
  const field = (name: string): OutputField => ({ name, type: oid.TEXT, typmod: -1, tableOid: 0, columnNumber: 0 });
  if (statement.name === 'all') return [field('name'), field('setting'), field('description')];
  const name = statement.name ?? '';
  return [field(SPECIAL_NAMES[name.toLowerCase()] ?? name)];
}

export function runShow(session: Session, portal: Portal, statement: VariableShowStmt, sink: RowSink): string {
  startRows(session, portal, sink);
  if (statement.name === 'all') {
    for (const fact of Settings.all()) sink.row([fact.name, session.settings.show(fact.name), '']);
    return 'SHOW';
  }
  sink.row([showValue(session, statement.name ?? '')]);
  return 'SHOW';
}

function showValue(session: Session, name: string): string {
  switch (name) {
    case 'transaction_isolation':
      return session.block.ensure().isolation;
    case 'transaction_read_only':
      return session.block.ensure().readOnly ? 'on' : 'off';
    case 'session_authorization':
      return session.identity.sessionUser;
    case 'role':
      return session.identity.currentUser === session.identity.sessionUser ? 'none' : session.identity.currentUser;
    default:
      return session.settings.show(name);
  }
}

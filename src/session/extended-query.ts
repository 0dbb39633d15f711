/**
 * The messages of the extended protocol. Bind, Execute and Sync of a statement that has its plan usually wait for nothing:
 * then they are done at once, without a task.
 */
import type { TransactionStmt } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import type { Task } from '../util/task.js';
import { analyse } from './analyse.js';
import { conformingText } from './escaped-strings.js';
import { interruptible } from './interruptible.js';
import { noticeLongNames } from './long-names.js';
import {
  checkParameterTypes,
  describeFields,
  expandFormats,
  fieldsOf,
  hasLongParameter,
  readLongParameters,
  readParameters,
} from './message-fields.js';
import { parseStatements } from './parse-statements.js';
import { ensurePlanned, isCurrent } from './plan-prepared.js';
import type { Portal } from './portal.js';
import { Prepared } from './prepared.js';
import type { Format, ResultSink } from './result-sink.js';
import { openSnapshot, tryLockPlanned, tryOpenSnapshot } from './run-planned.js';
import { isReady, runPortal, runReady } from './run-portal.js';
import type { Session } from './session.js';
import { currentTimestamp } from './session-types.js';
import { beginTransaction, isBegin } from './transaction-statement.js';
import type { BindParameters } from './wire-session.js';

export class ExtendedQuery {
  constructor(private readonly session: Session) {}

  *parse(name: string, given: string, parameterTypes: readonly number[], sink: ResultSink): Task<void> {
    this.session.enter(sink, given);
    try {
      if (name === '') this.session.prepared.drop('');
      const sql = conformingText(this.session, given);
      noticeLongNames(this.session, sql);
      const statements = yield* parseStatements(this.session, sql);
      if (statements.length > 1)
        throw sqlError('syntax_error', 'cannot insert multiple commands into a prepared statement');
      const prepared = new Prepared(name, sql, statements[0] ?? null, parameterTypes, currentTimestamp(), false);
      if (prepared.statement !== null) {
        this.session.checkFailed(prepared);
        if (parameterTypes.length > 0) checkParameterTypes(this.session.environment.catalog, parameterTypes);
        yield* analyse(this.session, prepared);
      }
      if (name !== '' && this.session.prepared.has(name))
        throw sqlError('duplicate_prepared_statement', `prepared statement "${name}" already exists`);
      this.session.prepared.set(name, prepared);
      sink.parseComplete();
    } catch (error) {
      yield* this.session.block.failing(error);
    } finally {
      this.session.leave();
    }
  }

  bind(
    portalName: string,
    statementName: string,
    parameters: BindParameters,
    resultFormats: readonly Format[],
    sink: ResultSink,
  ): Task<void> | null {
    const prepared = this.session.prepared.get(statementName);
    if (
      prepared === undefined ||
      this.session.block.isBroken ||
      !isCurrent(this.session, prepared) ||
      hasLongParameter(this.session.environment.types, prepared, parameters)
    ) {
      if (prepared !== undefined && !this.session.block.isBroken && transactionStatement(prepared) !== null)
        return this.bindTransaction(portalName, prepared, parameters, resultFormats, sink);
      return this.bindWaiting(portalName, statementName, parameters, resultFormats, sink);
    }
    this.session.enter(sink, null);
    try {
      this.session.portals.requireFree(portalName);
      const params = readParameters(
        this.session.environment.types,
        prepared,
        parameters,
        this.session.settings,
        portalName,
      );
      const locked = tryLockPlanned(this.session, prepared);
      const portal = locked === null ? null : this.session.newPortal(prepared, params, resultFormats, locked);
      if (portal !== null && (!portal.isQuery || tryOpenSnapshot(this.session, portal))) {
        this.addPortal(portalName, portal, sink);
        return null;
      }
    } catch (error) {
      return this.session.block.failed(error);
    } finally {
      this.session.leave();
    }
    return this.bindWaiting(portalName, statementName, parameters, resultFormats, sink);
  }

  /** BEGIN, COMMIT and the like have no plan, and nothing to wait for here. */
  private bindTransaction(
    portalName: string,
    prepared: Prepared,
    parameters: BindParameters,
    resultFormats: readonly Format[],
    sink: ResultSink,
  ): Task<void> | null {
    this.session.enter(sink, null);
    try {
      this.session.portals.requireFree(portalName);
      const { environment, settings } = this.session;
      const params = readParameters(environment.types, prepared, parameters, settings, portalName);
      this.session.block.ensure();
      this.addPortal(portalName, this.session.newPortal(prepared, params, resultFormats, null), sink);
    } catch (error) {
      return this.session.block.failed(error);
    } finally {
      this.session.leave();
    }
    return null;
  }

  private *bindWaiting(
    portalName: string,
    statementName: string,
    parameters: BindParameters,
    resultFormats: readonly Format[],
    sink: ResultSink,
  ): Task<void> {
    this.session.enter(sink, null);
    try {
      const prepared = this.session.prepared.find(statementName);
      if (prepared.statement === null) this.session.requireSound();
      else this.session.checkFailed(prepared);
      this.session.portals.requireFree(portalName);
      ensurePlanned(this.session, prepared);
      const { environment, settings } = this.session;
      const params = hasLongParameter(environment.types, prepared, parameters)
        ? yield* interruptible(
            environment,
            readLongParameters(environment.types, prepared, parameters, settings, portalName),
          )
        : readParameters(environment.types, prepared, parameters, settings, portalName);
      const portal = yield* this.session.openPortal(prepared, params, resultFormats);
      if (portal.isQuery && !tryOpenSnapshot(this.session, portal)) yield* openSnapshot(this.session, portal);
      this.addPortal(portalName, portal, sink);
    } catch (error) {
      yield* this.session.block.failing(error);
    } finally {
      this.session.leave();
    }
  }

  private addPortal(name: string, portal: Portal, sink: ResultSink): void {
    if (name === '') this.session.portals.drop('');
    this.session.portals.add(name, portal, this.session.block.depth);
    sink.bindComplete();
  }

  describeStatement(name: string, sink: ResultSink): void {
    this.session.enter(sink, null);
    try {
      const prepared = this.session.prepared.find(name);
      if (prepared.statement !== null) ensurePlanned(this.session, prepared);
      if (fieldsOf(prepared) !== null) this.session.checkFailed(prepared);
      sink.parameterTypes(prepared.parameterTypes);
      const fields = fieldsOf(prepared);
      sink.describeRows(describeFields(this.session, prepared, fields), expandFormats([], fields?.length ?? 0));
    } catch (error) {
      this.session.fail();
      throw error;
    } finally {
      this.session.leave();
    }
  }

  describePortal(name: string, sink: ResultSink): void {
    this.session.enterFurther(sink);
    try {
      const portal = this.session.findPortal(name);
      if (portal.fields !== null) this.session.checkFailed(portal.prepared);
      sink.describeRows(describeFields(this.session, portal.prepared, portal.fields), portal.formats);
    } catch (error) {
      this.session.fail();
      throw error;
    } finally {
      this.session.leave();
    }
  }

  execute(name: string, maxRows: number, sink: ResultSink): Task<void> | null {
    const portal = this.session.portals.get(name);
    if (portal === undefined || maxRows !== 0 || this.session.block.isBroken || !isReady(this.session, portal))
      return this.executeOther(name, portal, maxRows, sink);
    this.session.enter(sink, portal.prepared.sql);
    let rest: Task<string> | null = null;
    try {
      const tag = runReady(this.session, portal, sink);
      if (typeof tag === 'string') this.completed(tag, sink);
      else rest = tag;
    } catch (error) {
      return this.session.block.failed(error);
    } finally {
      if (rest === null) this.session.leave();
    }
    return rest === null ? null : this.finishExecute(rest, sink);
  }

  /** What is no planned statement that may run at once. */
  private executeOther(name: string, portal: Portal | undefined, maxRows: number, sink: ResultSink): Task<void> | null {
    const statement = portal === undefined ? null : transactionStatement(portal.prepared);
    const isNow = statement !== null && isBegin(statement) && portal?.status === 'ready';
    if (!isNow || this.session.block.isBroken) return this.executeWaiting(name, maxRows, sink);
    this.session.enter(sink, portal.prepared.sql);
    try {
      portal.enter();
      this.completed(beginTransaction(this.session, statement), sink);
      portal.status = 'done';
    } catch (error) {
      portal.fail();
      return this.session.block.failed(error);
    } finally {
      this.session.leave();
    }
    return null;
  }

  private *finishExecute(rest: Task<string>, sink: ResultSink): Task<void> {
    try {
      this.completed(yield* rest, sink);
    } catch (error) {
      yield* this.session.block.failing(error);
    } finally {
      this.session.leave();
    }
  }

  private completed(tag: string | null, sink: ResultSink): void {
    this.session.report(sink);
    if (tag === null) sink.suspended();
    else sink.complete(tag);
  }

  private *executeWaiting(name: string, maxRows: number, sink: ResultSink): Task<void> {
    const portal = this.session.portals.get(name);
    this.session.enter(sink, portal?.prepared.sql ?? null);
    try {
      const found = this.session.findPortal(name);
      if (found.prepared.statement === null) {
        sink.emptyQuery();
        return;
      }
      this.session.checkFailed(found.prepared);
      this.completed(yield* runPortal(this.session, found, maxRows, sink), sink);
    } catch (error) {
      yield* this.session.block.failing(error);
    } finally {
      this.session.leave();
    }
  }

  closeStatement(name: string, sink: ResultSink): void {
    this.session.prepared.drop(name);
    sink.closeComplete();
  }

  closePortal(name: string, sink: ResultSink): void {
    this.session.portals.drop(name);
    sink.closeComplete();
  }

  sync(sink: ResultSink): Task<void> | null {
    if (this.session.block.inBlock || this.session.block.current === null) return null;
    this.session.enterFurther(sink);
    let done = false;
    try {
      done = this.session.block.tryCommit();
      if (done) this.session.report(sink);
    } catch (error) {
      return this.session.block.failed(error);
    } finally {
      this.session.leave();
    }
    return done ? null : this.syncWaiting(sink);
  }

  private *syncWaiting(sink: ResultSink): Task<void> {
    this.session.enter(sink, null);
    try {
      yield* this.session.block.commit();
      this.session.report(sink);
    } catch (error) {
      yield* this.session.block.failing(error);
    } finally {
      this.session.leave();
    }
  }
}

function transactionStatement({ statement }: Prepared): TransactionStmt | null {
  return statement !== null && 'TransactionStmt' in statement.node ? statement.node.TransactionStmt : null;
}

/** Set-returning functions below the statistics views: settings, sessions, locks, prepared statements. */
import { extensionFacts, extensionNames } from '../../catalog/extension-facts.js';
import { type FunctionFamily, joinFamilies, setFunctions } from '../../sql/functions/registry.js';
import { PgArray, type Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { Settings } from '../settings.js';
import { activityCounters } from './activity-counters.js';
import { serverFacts } from './server-facts.js';
import { sessionOf } from './session-of.js';
import { textSearchFunctions } from './text-search-functions.js';
import { usageFunctions } from './usage-functions.js';

function stringArray(values: readonly string[] | null): PgArray | null {
  return values === null ? null : PgArray.of(oid.TEXT, values);
}

/** pg_settings has its rows in the order of their names, whatever their case. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  const [left, right] = [a.name.toLowerCase(), b.name.toLowerCase()];
  return left < right ? -1 : left > right ? 1 : 0;
}

const sets = setFunctions({
  *show_all_settings(cx): Iterable<Row> {
    const session = sessionOf(cx);
    for (const fact of [...Settings.all()].sort(byName)) {
      if (!session.startup.isShown(fact.name)) continue;
      const value = session.startup.get(fact.name) ?? '';
      yield [
        fact.name,
        value,
        fact.unit,
        fact.category,
        '',
        null,
        fact.context,
        fact.type,
        session.settingSource(fact),
        fact.min,
        fact.max,
        stringArray(fact.values),
        fact.boot,
        session.startup.default(fact.name.toLowerCase()) ?? null,
        null,
        null,
        false,
      ];
    }
  },
  *pg_prepared_statement(cx): Iterable<Row> {
    const session = sessionOf(cx).sessions.get(cx.session.backendPid);
    for (const prepared of session?.prepared.values() ?? []) {
      if (prepared.name === '') continue;
      yield [
        prepared.name,
        prepared.sql,
        prepared.preparedAt,
        PgArray.of(oid.REGTYPE, prepared.parameterTypes),
        prepared.fromSql,
        0,
        0,
      ];
    }
  },
  *pg_cursor(cx): Iterable<Row> {
    for (const { name, prepared, options, createdAt } of sessionOf(cx).portals) {
      yield [name, prepared.sql, options.hold, options.binary, options.scroll !== 'no', createdAt];
    }
  },
  *pg_prepared_xact(cx): Iterable<Row> {
    const { store } = sessionOf(cx);
    for (const { xid, gid, preparedAt, owner, database } of store.twoPhase.list())
      yield [xid, gid, preparedAt, owner, database || store.homeDatabase];
  },
  *pg_available_extensions(): Iterable<Row> {
    for (const name of extensionNames()) yield [name, extensionFacts(name)?.version ?? null, null];
    yield ['plpgsql', '1.0', 'PL/pgSQL procedural language'];
  },
  *pg_available_extension_versions(): Iterable<Row> {
    for (const name of extensionNames()) {
      const facts = extensionFacts(name);
      if (facts === undefined) continue;
      const { version, trusted, relocatable, requires } = facts;
      yield [
        name,
        version,
        true,
        trusted,
        relocatable,
        null,
        requires.length === 0 ? null : PgArray.of(oid.NAME, requires),
        null,
      ];
    }
    yield ['plpgsql', '1.0', true, true, false, 'pg_catalog', null, 'PL/pgSQL procedural language'];
  },
  *show_all_file_settings(): Iterable<Row> {
    // The settings file has no SQL parameters with line numbers.
  },
});

export const statisticsFunctions: FunctionFamily = joinFamilies(
  sets,
  activityCounters,
  usageFunctions,
  serverFacts,
  textSearchFunctions,
);

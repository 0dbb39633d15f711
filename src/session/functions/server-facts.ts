/** What the server is made of, for pg_config, pg_hba_file_rules, memory and shared memory views. */
import { type KeywordFact, readKeywordFacts } from '../../catalog/system-data.js';
import { type FunctionFamily, setFunctions } from '../../sql/functions/registry.js';
import { PgArray, type Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { SERVER_VERSION } from '../version.js';
import { sessionOf } from './session-of.js';

/** What pg_config tells of PostgreSQL's build; of this one there is nothing to tell but the version. */
const NOT_RECORDED = [
  'BINDIR DOCDIR HTMLDIR INCLUDEDIR PKGINCLUDEDIR INCLUDEDIR-SERVER LIBDIR PKGLIBDIR LOCALEDIR MANDIR SHAREDIR SYSCONFDIR',
  'PGXS CONFIGURE CC CPPFLAGS CFLAGS CFLAGS_SL LDFLAGS LDFLAGS_EX LDFLAGS_SL LIBS',
]
  .join(' ')
  .split(' ');

/** What pg_get_keywords says of each kind of keyword. */
const KEYWORDS: Readonly<Record<KeywordFact[1], string>> = {
  U: 'unreserved',
  C: 'unreserved (cannot be function or type name)',
  T: 'reserved (can be function or type name)',
  R: 'reserved',
};

export const serverFacts: FunctionFamily = setFunctions({
  *pg_config(): Iterable<Row> {
    for (const name of NOT_RECORDED) yield [name, 'not recorded'];
    yield ['VERSION', `PostgreSQL ${SERVER_VERSION}`];
  },
  // The settings file stands for pg_hba.conf and pg_ident.conf; a rule's place among the others, for its line.
  *pg_hba_file_rules(cx): Iterable<Row> {
    for (const rule of sessionOf(cx).server.rules) {
      const { number, type, databases, users, address, netmask, method, options } = rule;
      yield [
        number,
        type,
        PgArray.of(oid.TEXT, [...databases]),
        PgArray.of(oid.TEXT, [...users]),
        address,
        netmask,
        method,
        options === null ? null : PgArray.of(oid.TEXT, [...options]),
        null,
      ];
    }
  },
  *pg_ident_file_mappings(cx): Iterable<Row> {
    for (const { number, map, systemUser, databaseUser } of sessionOf(cx).server.mappings)
      yield [number, map, systemUser, databaseUser, null];
  },
  *pg_get_keywords(): Iterable<Row> {
    for (const [word, category, bareLabel] of readKeywordFacts())
      yield [word, category, bareLabel, KEYWORDS[category], bareLabel ? 'can be bare label' : 'requires AS'];
  },
  // One process: nothing is shared, and V8's heap is the one context.
  *pg_get_shmem_allocations(): Iterable<Row> {},
  *pg_get_backend_memory_contexts(): Iterable<Row> {
    const { heapTotal, heapUsed } = process.memoryUsage();
    yield ['TopMemoryContext', null, null, 0, heapTotal, 1, heapTotal - heapUsed, 0, heapUsed];
  },
});

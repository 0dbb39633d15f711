/**
 * The counters as a record for the next start: JSON, by the names of the fields. What is missing in a record of an earlier
 * release stays zero, what is not known any more is passed over.
 */
import { DatabaseUsage } from './database-usage.js';
import { FunctionCounts } from './function-usage.js';

type Json = Readonly<Record<string, unknown>>;

export function encodeUsage(databases: ReadonlyMap<number, DatabaseUsage>): Buffer {
  const record = [...databases].map(([database, usage]) => ({
    database,
    resetAt: usage.resetAt,
    counts: usage.counts,
    relations: [...usage.all()],
    functions: [...usage.functions].map(([oid, counts]) => ({ oid, ...counts })),
  }));
  return Buffer.from(JSON.stringify(record));
}

export function decodeUsage(record: Buffer): Map<number, DatabaseUsage> {
  const databases = new Map<number, DatabaseUsage>();
  const parsed: unknown = JSON.parse(record.toString());
  for (const entry of objects(parsed)) {
    if (typeof entry.database !== 'number') continue;
    const usage = new DatabaseUsage();
    usage.resetAt = typeof entry.resetAt === 'number' ? entry.resetAt : null;
    copyNumbers(entry.counts, usage.counts);
    for (const relation of objects(entry.relations)) {
      if (typeof relation.relation !== 'number') continue;
      const totals = usage.totals(relation.relation);
      copyNumbers(relation, totals);
      copyNumbers(relation.analyze, totals.analyze);
      copyNumbers(relation.vacuum, totals.vacuum);
      copyNumbers(relation.autoAnalyze, totals.autoAnalyze);
    }
    for (const { oid, ...counts } of objects(entry.functions)) {
      if (typeof oid !== 'number') continue;
      const known = new FunctionCounts();
      copyNumbers(counts, known);
      usage.functions.set(oid, known);
    }
    databases.set(entry.database, usage);
  }
  return databases;
}

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

/** Numbers of `from` that `to` has fields for. */
function copyNumbers(from: unknown, to: object): void {
  if (!isObject(from)) return;
  for (const key of Object.keys(to)) {
    const value = from[key];
    if (typeof value === 'number') Reflect.set(to, key, value);
  }
}

/**
 * Reads data/pg_catalog/: the rows of PostgreSQL 15's system tables as facts. Files are JSON, `{columns, rows}` with
 * one row a line; object identifiers are numbers, vectors are arrays. Nothing here interprets them.
 */
import { readFileSync } from 'node:fs';

export type JsonValue = null | boolean | number | string | readonly JsonValue[];

export interface SystemData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly JsonValue[])[];
}

const DIRECTORY = new URL('../../../data/pg_catalog/', import.meta.url);

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, DIRECTORY), 'utf8'));
}

function isSystemData(value: unknown): value is SystemData {
  return typeof value === 'object' && value !== null && 'columns' in value && 'rows' in value;
}

/** The rows of one system table. Throws when the file is missing or is not of the form above. */
export function readSystemData(table: string): SystemData {
  const data = readJson(table);
  if (!isSystemData(data)) throw new Error(`data/pg_catalog/${table}.json is malformed`);
  return data;
}

/** What is known of a configuration parameter of PostgreSQL 15 (pg_settings without its prose). */
export interface SettingFact {
  readonly name: string;
  readonly type: 'bool' | 'integer' | 'real' | 'string' | 'enum';
  readonly unit: string | null;
  readonly category: string;
  readonly context: string;
  readonly min: string | null;
  readonly max: string | null;
  readonly values: readonly string[] | null;
  readonly boot: string | null;
}

/** All parameters, ordered by name. */
export function readSettingFacts(): readonly SettingFact[] {
  const facts = readJson('settings');
  if (!Array.isArray(facts)) throw new Error('data/pg_catalog/settings.json is malformed');
  return facts;
}

/** Keywords: the word, its category (U unreserved, C cannot be a function or type, T can be, R reserved), and whether it is a bare label. */
export type KeywordFact = readonly [word: string, category: 'U' | 'C' | 'T' | 'R', bareLabel: boolean];

export function readKeywordFacts(): readonly KeywordFact[] {
  const facts = readJson('keywords');
  if (!Array.isArray(facts)) throw new Error('data/pg_catalog/keywords.json is malformed');
  return facts;
}

/**
 * Reads data/extensions/: what extensions that are part of the server put into the catalogs. Members refer to each other by
 * negative numbers; numbers from 1 on are built-in objects. Schemas and owners are left out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { SystemData } from './system-data.js';

export interface ExtensionFacts {
  readonly name: string;
  readonly version: string;
  readonly relocatable: boolean;
  /** Whoever may create in the database may create it. */
  readonly trusted: boolean;
  readonly requires: readonly string[];
  /** Their number: -1 to -members. */
  readonly members: number;
  readonly tables: Readonly<Record<string, SystemData>>;
}

const DIRECTORY = new URL('../../../data/extensions/', import.meta.url);
const SUFFIX = '.json';

const known = new Map<string, ExtensionFacts>();

/** Names of the extensions that can be created, in order. */
export function extensionNames(): string[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();
}

/** Undefined for an unknown name. */
export function extensionFacts(name: string): ExtensionFacts | undefined {
  const found = known.get(name);
  if (found !== undefined || !extensionNames().includes(name)) return found;
  const facts: unknown = JSON.parse(readFileSync(new URL(name + SUFFIX, DIRECTORY), 'utf8'));
  if (!isExtensionFacts(facts)) throw new Error(`data/extensions/${name}${SUFFIX} is malformed`);
  known.set(name, facts);
  return facts;
}

function isExtensionFacts(value: unknown): value is ExtensionFacts {
  return typeof value === 'object' && value !== null && 'members' in value && 'tables' in value;
}

/**
 * The configuration parameters of one session: SET, SET LOCAL, RESET, SHOW, with the transactional rules of PostgreSQL
 * (a SET is undone by a rollback, a SET LOCAL at the end of the transaction). Parameters that influence nothing here
 * are accepted and remembered.
 */
import { readSettingFacts, type SettingFact } from '../catalog/system-data.js';
import { sqlError } from '../errors/sql-error.js';
import { isExamined, mayNotExamine } from './examined-settings.js';
import { type FrequentSettings, readFrequentSettings } from './frequent-settings.js';
import { OWN_SETTINGS } from './own-settings.js';
import { ROLE_SETTINGS } from './session-roles.js';
import { canonicalValue, displayValue } from './setting-value.js';

const facts: ReadonlyMap<string, SettingFact> = new Map(
  [...readSettingFacts(), ...OWN_SETTINGS].map((fact) => [fact.name.toLowerCase(), fact]),
);

const STRING_FACT: SettingFact = {
  name: '',
  type: 'string',
  unit: null,
  category: 'Ungrouped',
  context: 'user',
  min: null,
  max: null,
  values: null,
  boot: null,
};

/** Parameters that SHOW ALL does not list. */
const hidden: ReadonlyMap<string, SettingFact> = new Map(
  ROLE_SETTINGS.map((name) => [name, { ...STRING_FACT, name, boot: 'none' }]),
);

/** A parameter of the running transaction: its value lives there, and ends with it. */
export interface TransactionSetting {
  read(): string;
  write(value: string): void;
}

/** Parameters that the client is told about (documentation, 55.2.7). */
export const REPORTED: readonly string[] = [
  'application_name',
  'client_encoding',
  'DateStyle',
  'default_transaction_read_only',
  'in_hot_standby',
  'integer_datetimes',
  'IntervalStyle',
  'is_superuser',
  'server_encoding',
  'server_version',
  'session_authorization',
  'standard_conforming_strings',
  'TimeZone',
];

interface Change {
  readonly name: string;
  readonly previous: string | undefined;
  readonly local: boolean;
}

/** Called after a value has changed, with the parameter's lower-case name. */
export type SettingListener = (name: string, value: string) => void;

/** What is known of a parameter, by lower-case name. */
export function settingFact(name: string): SettingFact | undefined {
  return facts.get(name);
}

export class Settings {
  private readonly values = new Map<string, string>();
  private readonly sessionDefaults: Map<string, string>;
  /** Changes of the running transaction, newest last. */
  private changes: Change[] = [];
  /** Grows with every change; part of the key of cached plans. */
  version = 0;
  /** Whether the user may set a parameter that is for superusers. */
  maySet: (key: string) => boolean = () => true;
  /** Whether the user may see parameters that are not for everybody. */
  mayExamine: () => boolean = () => true;
  /** Where defaults come from that are not the server's: the role or the database, or the client. */
  private readonly ownDefaults = new Map<string, 'user' | 'client'>();
  private frequentValues: FrequentSettings | null = null;
  private frequentVersion = 0;

  /** `defaults`: what the server's configuration gives, by lower-case name. */
  constructor(
    defaults: ReadonlyMap<string, string>,
    private readonly check: (name: string, value: string) => string,
    private readonly listener: SettingListener,
    private readonly ofTransaction: ReadonlyMap<string, TransactionSetting>,
  ) {
    this.sessionDefaults = new Map(defaults);
  }

  /**
   * What a session begins with is what RESET goes back to. `stored` comes from ALTER ROLE and ALTER DATABASE: what is wrong
   * there is told to `whenWrong`. `given` comes from the startup packet, and wins. @throws SqlError as `set` does, for `given`
   */
  setDefaults(
    stored: ReadonlyMap<string, string>,
    given: ReadonlyMap<string, string>,
    whenWrong: (error: unknown) => void,
  ): void {
    for (const [name, value] of stored) {
      try {
        this.set(name, value, false);
      } catch (error) {
        whenWrong(error);
      }
    }
    for (const [name, value] of given) this.set(name, value, false);
    this.changes = [];
    const ofClient = new Set([...given.keys()].map((name) => name.toLowerCase()));
    for (const [key, value] of this.values) {
      this.sessionDefaults.set(key, value);
      this.ownDefaults.set(key, ofClient.has(key) ? 'client' : 'user');
    }
    this.values.clear();
  }

  /** The server's configuration gives other defaults now. Where the session's own go before them nothing changes. */
  reconfigure(defaults: ReadonlyMap<string, string>): void {
    for (const key of new Set([...this.sessionDefaults.keys(), ...defaults.keys()])) {
      const value = defaults.get(key);
      if (this.ownDefaults.has(key) || this.sessionDefaults.get(key) === value) continue;
      if (value === undefined) this.sessionDefaults.delete(key);
      else this.sessionDefaults.set(key, value);
      this.version++;
      if (!this.values.has(key)) this.listener(key, this.get(key) ?? '');
    }
  }

  fact(name: string): SettingFact | undefined {
    const key = name.toLowerCase();
    return facts.get(key) ?? hidden.get(key);
  }

  static all(): Iterable<SettingFact> {
    return facts.values();
  }

  /** The value in base units, or undefined for a parameter that does not exist. */
  get(name: string): string | undefined {
    const key = name.toLowerCase();
    return this.values.get(key) ?? this.default(key);
  }

  /** Read again only after a change. */
  get frequent(): FrequentSettings {
    if (this.frequentValues === null || this.frequentVersion !== this.version) {
      this.frequentValues = readFrequentSettings(this);
      this.frequentVersion = this.version;
    }
    return this.frequentValues;
  }

  default(key: string): string | undefined {
    const given = this.sessionDefaults.get(key);
    if (given !== undefined) return given;
    if (key.startsWith('transaction_')) return this.ofTransaction.get(key)?.read();
    const fact = this.fact(key);
    return fact === undefined ? undefined : (fact.boot ?? '');
  }

  /** Where the value comes from; null: from the server. */
  source(name: string): 'session' | 'user' | 'client' | null {
    const key = name.toLowerCase();
    if (this.values.has(key) && !hidden.has(key) && key !== 'is_superuser') return 'session';
    return this.ownDefaults.get(key) ?? null;
  }

  /** Whether the user may see the parameter. */
  isShown(name: string): boolean {
    return !isExamined(name.toLowerCase()) || this.mayExamine();
  }

  /** As SHOW prints it. @throws SqlError 42704, 42501 */
  show(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw sqlError('undefined_object', `unrecognized configuration parameter "${name}"`);
    const fact = this.fact(name);
    if (!this.isShown(name)) throw mayNotExamine(fact?.name ?? name);
    return fact === undefined ? value : displayValue(fact, value);
  }

  /** @throws SqlError 42704, 55P02, 22023 */
  set(name: string, value: string | null, local: boolean): void {
    const key = name.toLowerCase();
    const fact = this.requireFact(name);
    if (fact !== undefined) this.checkChangeable(fact);
    if (fact?.context === 'superuser' && !this.maySet(key))
      throw sqlError('insufficient_privilege', `permission denied to set parameter "${fact.name}"`);
    const transactional = this.ofTransaction.get(key);
    if (transactional !== undefined) {
      const given = value ?? this.get(`default_${key}`) ?? '';
      transactional.write(fact === undefined ? given : canonicalValue(fact, given));
      return;
    }
    const canonical =
      value === null ? this.resetValue(key) : this.check(key, fact === undefined ? value : canonicalValue(fact, value));
    this.changes.push({ name: key, previous: this.values.get(key), local });
    this.assign(key, canonical);
  }

  /** Whether a session could be given the value; returns the name as it is spelled. @throws SqlError 42704, 55P02, 22023 */
  validate(name: string, value: string): string {
    const fact = this.requireFact(name);
    if (fact === undefined) return name;
    this.checkChangeable(fact);
    this.check(fact.name.toLowerCase(), canonicalValue(fact, value));
    return fact.name;
  }

  /** Undefined for a parameter of an extension. @throws SqlError 42704 */
  private requireFact(name: string): SettingFact | undefined {
    const fact = this.fact(name);
    if (fact === undefined && !/^[a-z_][\w$]*(\.[a-z_][\w$]*)+$/i.test(name))
      throw sqlError('undefined_object', `unrecognized configuration parameter "${name}"`);
    return fact;
  }

  private checkChangeable(fact: SettingFact): void {
    switch (fact.context) {
      case 'internal':
        throw sqlError('cant_change_runtime_param', `parameter "${fact.name}" cannot be changed`);
      case 'postmaster':
        throw sqlError(
          'cant_change_runtime_param',
          `parameter "${fact.name}" cannot be changed without restarting the server`,
        );
      case 'sighup':
        throw sqlError('cant_change_runtime_param', `parameter "${fact.name}" cannot be changed now`);
      case 'backend':
      case 'superuser-backend':
        throw sqlError('cant_change_runtime_param', `parameter "${fact.name}" cannot be set after connection start`);
    }
  }

  /** What RESET leaves of a value: nothing, unless the parameter would be forgotten then. */
  private resetValue(key: string): string | undefined {
    return this.default(key) === undefined ? '' : undefined;
  }

  private assign(key: string, value: string | undefined): void {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, value);
    this.version++;
    this.listener(key, this.get(key) ?? '');
  }

  /** Shows a value that follows from others. Belongs to no transaction. */
  derive(key: string, value: string): void {
    if (this.get(key) !== value) this.assign(key, value);
  }

  reset(name: string): void {
    this.set(name, null, false);
  }

  resetAll(): void {
    for (const key of [...this.values.keys()]) {
      if (hidden.has(key)) continue;
      this.changes.push({ name: key, previous: this.values.get(key), local: false });
      this.assign(key, undefined);
    }
  }

  /** A place in the transaction's changes, for savepoints. */
  mark(): number {
    return this.changes.length;
  }

  /** Undoes everything since a mark. */
  rollbackTo(mark: number): void {
    while (this.changes.length > mark) {
      const change = this.changes.pop();
      if (change !== undefined) this.assign(change.name, change.previous);
    }
  }

  /** At COMMIT: what was set locally goes back to what the last SET without LOCAL has left, or to what was before. */
  commit(): void {
    const changes = this.changes;
    if (changes.length === 0) return;
    this.changes = [];
    const settled = new Map<string, { value: string | undefined; local: boolean }>();
    for (const { name, previous, local } of changes) {
      const before = settled.get(name);
      // What a SET has left is told by the change that came after it.
      const value = before === undefined || !before.local ? previous : before.value;
      settled.set(name, { value, local });
    }
    for (const [name, { value, local }] of settled) if (local) this.assign(name, value);
  }

  rollback(): void {
    this.rollbackTo(0);
  }
}

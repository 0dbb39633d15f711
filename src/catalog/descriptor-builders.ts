/**
 * Rows of system tables to descriptors. Pure functions of the rows they get; finding the rows is the business of
 * catalog-state.ts.
 */

import type { StorageId } from '../storage/api.js';
import type { Datum } from '../types/datum.js';
import { PgArray } from '../types/datum.js';
import type { CollationFacts } from '../types/text/collator.js';
import type { TypeCodec } from '../types/type-codec.js';
import { aclOf } from './acl/stored-acl.js';
import type {
  AggregateDesc,
  AttributeDesc,
  CastDesc,
  ConstraintDesc,
  IndexDesc,
  NamespaceDesc,
  OpclassDesc,
  OperatorDesc,
  ProcDesc,
  RoleDesc,
  TriggerDesc,
  TriggerEvent,
  TypeDesc,
} from './descriptors.js';
import { parseExpressionList } from './expression-list.js';
import type { SystemRow } from './system-row.js';

/** OID of array_subscript_handler: what makes a type with typelem a true array. */
const ARRAY_SUBSCRIPT_HANDLER = 6179;

/** Narrows a "char" column to the letters that it may hold. */
function letter<T extends string>(row: SystemRow, column: string, allowed: readonly T[]): T {
  const value = row.text(column);
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new Error(`unexpected value in ${row.layout.name}.${column}: ${value}`);
  return found;
}

/** `source` gives the registry key of a function by OID. */
export function buildType(row: SystemRow, source: (proc: number) => string, codec: TypeCodec | undefined): TypeDesc {
  const typmodIn = row.number('typmodin');
  return {
    oid: row.number('oid'),
    name: row.text('typname'),
    namespace: row.number('typnamespace'),
    owner: row.number('typowner'),
    acl: aclOf(row.datum('typacl')),
    len: row.number('typlen'),
    byval: row.boolean('typbyval'),
    kind: letter(row, 'typtype', ['b', 'c', 'd', 'e', 'p', 'r', 'm']),
    category: row.text('typcategory'),
    preferred: row.boolean('typispreferred'),
    delimiter: row.text('typdelim'),
    relation: row.number('typrelid'),
    element: row.number('typelem'),
    isArray: row.number('typsubscript') === ARRAY_SUBSCRIPT_HANDLER,
    array: row.number('typarray'),
    input: source(row.number('typinput')),
    output: source(row.number('typoutput')),
    typmodIn: typmodIn === 0 ? null : source(typmodIn),
    notNull: row.boolean('typnotnull'),
    baseType: row.number('typbasetype'),
    typmod: row.number('typtypmod'),
    collation: row.number('typcollation'),
    defaultText: row.textOrNull('typdefaultbin') ?? row.textOrNull('typdefault'),
    codec,
  };
}

export function buildProc(row: SystemRow): ProcDesc {
  const defaults = row.textOrNull('proargdefaults');
  return {
    oid: row.number('oid'),
    name: row.text('proname'),
    namespace: row.number('pronamespace'),
    owner: row.number('proowner'),
    acl: aclOf(row.datum('proacl')),
    language: row.number('prolang'),
    kind: letter(row, 'prokind', ['f', 'p', 'a', 'w']),
    strict: row.boolean('proisstrict'),
    returnsSet: row.boolean('proretset'),
    volatility: letter(row, 'provolatile', ['i', 's', 'v']),
    argTypes: row.numbers('proargtypes'),
    argDefaults: row.number('pronargdefaults'),
    variadic: row.number('provariadic'),
    resultType: row.number('prorettype'),
    allArgTypes: row.numbersOrNull('proallargtypes'),
    argModes: row.textsOrNull('proargmodes'),
    argNames: row.textsOrNull('proargnames'),
    defaultTexts: defaults === null ? null : parseExpressionList(defaults),
    source: row.text('prosrc'),
    body: row.textOrNull('prosqlbody'),
    securityDefiner: row.boolean('prosecdef'),
    config: row.textsOrNull('proconfig') ?? [],
    rows: row.number('prorows'),
  };
}

export function buildOperator(row: SystemRow, source: (proc: number) => string): OperatorDesc {
  const restrict = row.number('oprrest');
  return {
    oid: row.number('oid'),
    name: row.text('oprname'),
    namespace: row.number('oprnamespace'),
    kind: letter(row, 'oprkind', ['b', 'l']),
    left: row.number('oprleft'),
    right: row.number('oprright'),
    result: row.number('oprresult'),
    code: row.number('oprcode'),
    commutator: row.number('oprcom'),
    negator: row.number('oprnegate'),
    canHash: row.boolean('oprcanhash'),
    canMerge: row.boolean('oprcanmerge'),
    restrict: restrict === 0 ? null : source(restrict),
  };
}

export function buildCast(row: SystemRow): CastDesc {
  return {
    source: row.number('castsource'),
    target: row.number('casttarget'),
    func: row.number('castfunc'),
    context: letter(row, 'castcontext', ['i', 'a', 'e']),
    method: letter(row, 'castmethod', ['f', 'i', 'b']),
  };
}

export function buildAggregate(row: SystemRow): AggregateDesc {
  return {
    func: row.number('aggfnoid'),
    kind: letter(row, 'aggkind', ['n', 'o', 'h']),
    directArgs: row.number('aggnumdirectargs'),
    transition: row.number('aggtransfn'),
    final: row.number('aggfinalfn'),
    combine: row.number('aggcombinefn'),
    finalExtra: row.boolean('aggfinalextra'),
    sortOperator: row.number('aggsortop'),
    transitionType: row.number('aggtranstype'),
    initial: row.textOrNull('agginitval'),
  };
}

export function buildAttribute(row: SystemRow, defaultText: string | null): AttributeDesc {
  return {
    relation: row.number('attrelid'),
    name: row.text('attname'),
    type: row.number('atttypid'),
    typmod: row.number('atttypmod'),
    number: row.number('attnum'),
    notNull: row.boolean('attnotnull'),
    defaultText,
    identity: letter(row, 'attidentity', ['', 'a', 'd']),
    generated: letter(row, 'attgenerated', ['', 's']),
    dropped: row.boolean('attisdropped'),
    acl: aclOf(row.datum('attacl')),
    collation: row.number('attcollation'),
    missing: row.boolean('atthasmissing') ? missingValue(row.datum('attmissingval')) : null,
  };
}

/** attmissingval holds an array with the one value. */
function missingValue(value: Datum): Datum {
  return value instanceof PgArray && value.elements.length > 0 ? value.elements[0] : null;
}

const DESCENDING = 1;
const NULLS_FIRST = 2;

/** `method` is the access method's name, `constraint` the OID of the constraint that owns the index. */
export function buildIndex(
  row: SystemRow,
  relation: SystemRow,
  storage: StorageId,
  method: string,
  constraint: number,
): IndexDesc {
  const expressions = row.textOrNull('indexprs');
  const options = row.numbers('indoption');
  const oid = row.number('indexrelid');
  return {
    oid,
    name: relation.text('relname'),
    relation: row.number('indrelid'),
    storage,
    method,
    unique: row.boolean('indisunique'),
    nullsNotDistinct: row.boolean('indnullsnotdistinct'),
    primary: row.boolean('indisprimary'),
    immediate: row.boolean('indimmediate'),
    valid: row.boolean('indisvalid'),
    keyColumns: row.number('indnkeyatts'),
    attributes: row.numbers('indkey'),
    expressionTexts: expressions === null ? [] : parseExpressionList(expressions),
    predicateText: row.textOrNull('indpred'),
    opclasses: row.numbers('indclass'),
    collations: row.numbers('indcollation'),
    descending: options.map((bits) => (bits & DESCENDING) !== 0),
    nullsFirst: options.map((bits) => (bits & NULLS_FIRST) !== 0),
    constraint,
  };
}

export function buildConstraint(row: SystemRow): ConstraintDesc {
  return {
    oid: row.number('oid'),
    name: row.text('conname'),
    namespace: row.number('connamespace'),
    kind: letter(row, 'contype', ['c', 'f', 'p', 'u', 't', 'x']),
    deferrable: row.boolean('condeferrable'),
    deferred: row.boolean('condeferred'),
    validated: row.boolean('convalidated'),
    relation: row.number('conrelid'),
    domain: row.number('contypid'),
    index: row.number('conindid'),
    foreignRelation: row.number('confrelid'),
    onUpdate: row.text('confupdtype').trim(),
    onDelete: row.text('confdeltype').trim(),
    match: row.text('confmatchtype').trim(),
    key: row.numbersOrNull('conkey') ?? [],
    foreignKey: row.numbersOrNull('confkey') ?? [],
    pfOperators: row.numbersOrNull('conpfeqop') ?? [],
    setColumns: row.numbersOrNull('confdelsetcols'),
    checkText: row.textOrNull('conbin'),
    noInherit: row.boolean('connoinherit'),
  };
}

export function buildCollation(row: SystemRow): CollationFacts {
  const locale = row.datum('colliculocale');
  return {
    name: row.text('collname'),
    provider: row.text('collprovider'),
    locale: typeof locale === 'string' ? locale : null,
  };
}

/** Bits of pg_trigger.tgtype. */
export const TRIGGER_BITS = {
  row: 1,
  before: 2,
  insert: 4,
  delete: 8,
  update: 16,
  truncate: 32,
  insteadOf: 64,
} as const;

const TRIGGER_EVENTS: readonly (readonly [number, TriggerEvent])[] = [
  [TRIGGER_BITS.insert, 'INSERT'],
  [TRIGGER_BITS.delete, 'DELETE'],
  [TRIGGER_BITS.update, 'UPDATE'],
  [TRIGGER_BITS.truncate, 'TRUNCATE'],
];

export function buildTrigger(row: SystemRow): TriggerDesc {
  const type = row.number('tgtype');
  return {
    oid: row.number('oid'),
    name: row.text('tgname'),
    function: row.number('tgfoid'),
    timing:
      (type & TRIGGER_BITS.before) !== 0 ? 'BEFORE' : (type & TRIGGER_BITS.insteadOf) !== 0 ? 'INSTEAD OF' : 'AFTER',
    level: (type & TRIGGER_BITS.row) !== 0 ? 'ROW' : 'STATEMENT',
    events: TRIGGER_EVENTS.flatMap(([bit, event]) => ((type & bit) !== 0 ? [event] : [])),
    columns: row.numbers('tgattr'),
    args: triggerArgs(row.datum('tgargs')),
    whenText: row.textOrNull('tgqual'),
    enabled: row.text('tgenabled'),
    constraint: row.number('tgconstraint'),
    initiallyDeferred: row.boolean('tginitdeferred'),
    oldTable: row.textOrNull('tgoldtable'),
    newTable: row.textOrNull('tgnewtable'),
  };
}

/** Each argument ends with a zero byte. */
function triggerArgs(bytes: Datum): string[] {
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return [];
  return Buffer.from(bytes).toString('utf8').split('\0').slice(0, -1);
}

export function buildNamespace(row: SystemRow): NamespaceDesc {
  return {
    oid: row.number('oid'),
    name: row.text('nspname'),
    owner: row.number('nspowner'),
    acl: aclOf(row.datum('nspacl')),
  };
}

export function buildOpclass(row: SystemRow, method: string): OpclassDesc {
  return {
    oid: row.number('oid'),
    name: row.text('opcname'),
    namespace: row.number('opcnamespace'),
    method,
    family: row.number('opcfamily'),
    inputType: row.number('opcintype'),
    isDefault: row.boolean('opcdefault'),
  };
}

export function buildRole(row: SystemRow): RoleDesc {
  return {
    oid: row.number('oid'),
    name: row.text('rolname'),
    superuser: row.boolean('rolsuper'),
    inherit: row.boolean('rolinherit'),
    createRole: row.boolean('rolcreaterole'),
    createDb: row.boolean('rolcreatedb'),
    canLogin: row.boolean('rolcanlogin'),
    replication: row.boolean('rolreplication'),
    bypassRls: row.boolean('rolbypassrls'),
    connectionLimit: row.number('rolconnlimit'),
    password: row.textOrNull('rolpassword'),
    validUntil: row.instantOrNull('rolvaliduntil'),
  };
}

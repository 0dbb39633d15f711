/** DEFERRABLE, INITIALLY DEFERRED and their opposites behind a column constraint: the grammar gives them as nodes of their own. */
import type { Constraint, Node } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import type { DdlContext } from './ddl-context.js';
import { positionOf } from './relation-names.js';

const WITH_ATTRIBUTES: readonly (string | undefined)[] = [
  'CONSTR_PRIMARY',
  'CONSTR_UNIQUE',
  'CONSTR_EXCLUSION',
  'CONSTR_FOREIGN',
];

/** What was said of the constraint before. */
interface Said {
  deferrability: boolean;
  initially: boolean;
}

/** Column constraints with the attributes that follow them folded in. @throws SqlError 42601 for misplaced attributes */
export function foldAttributes(cx: DdlContext, nodes: readonly Node[] | undefined): Constraint[] {
  const folded: Constraint[] = [];
  let said: Said = { deferrability: false, initially: false };
  for (const node of nodes ?? []) {
    if (!('Constraint' in node)) continue;
    const attribute = node.Constraint;
    if (!attribute.contype?.startsWith('CONSTR_ATTR_')) {
      folded.push(attribute);
      said = { deferrability: false, initially: false };
      continue;
    }
    const last = folded.pop();
    folded.push(withAttribute(cx, last, attribute, said));
  }
  return folded;
}

function withAttribute(cx: DdlContext, last: Constraint | undefined, attribute: Constraint, said: Said): Constraint {
  const fault = (message: string): Error => sqlError('syntax_error', message).at(positionOf(cx, attribute.location));
  const initially = attribute.contype === 'CONSTR_ATTR_DEFERRED' || attribute.contype === 'CONSTR_ATTR_IMMEDIATE';
  if (last === undefined || !WITH_ATTRIBUTES.includes(last.contype)) {
    throw fault(`misplaced ${CLAUSES[attribute.contype ?? ''] ?? ''} clause`);
  }
  if (initially ? said.initially : said.deferrability) {
    const clauses = initially ? 'INITIALLY IMMEDIATE/DEFERRED' : 'DEFERRABLE/NOT DEFERRABLE';
    throw fault(`multiple ${clauses} clauses not allowed`);
  }
  let { deferrable = false, initdeferred = false } = last;
  if (initially) {
    initdeferred = attribute.contype === 'CONSTR_ATTR_DEFERRED';
    if (initdeferred && !said.deferrability) deferrable = true;
    said.initially = true;
  } else {
    deferrable = attribute.contype === 'CONSTR_ATTR_DEFERRABLE';
    said.deferrability = true;
  }
  if (initdeferred && !deferrable) throw fault('constraint declared INITIALLY DEFERRED must be DEFERRABLE');
  return { ...last, deferrable, initdeferred };
}

const CLAUSES: Readonly<Record<string, string>> = {
  CONSTR_ATTR_DEFERRABLE: 'DEFERRABLE',
  CONSTR_ATTR_NOT_DEFERRABLE: 'NOT DEFERRABLE',
  CONSTR_ATTR_DEFERRED: 'INITIALLY DEFERRED',
  CONSTR_ATTR_IMMEDIATE: 'INITIALLY IMMEDIATE',
};

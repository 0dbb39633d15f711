/**
 * The text form of aclitem: `grantee=letters/grantor` with role names, quoted where they hold more than letters, digits
 * and underscores; PUBLIC is the empty name. A role that is gone shows as its OID.
 */
import { sqlError } from '../../errors/sql-error.js';
import { TextCodec } from '../text/text-codec.js';
import type { TypeCodec } from '../type-codec.js';
import type { TypeCatalog, TypeContext } from '../type-context.js';
import { decodeAclItem, encodeAclItem, PRIVILEGE_LETTERS, PUBLIC_ROLE, privilegeLetters } from './acl-item.js';

const BOOTSTRAP_SUPERUSER = 10;

/** The text of an aclitem's datum. */
export function formatAclItem(datum: string, catalog: TypeCatalog): string {
  const item = decodeAclItem(datum);
  const grantee = item.grantee === PUBLIC_ROLE ? '' : quoteRole(item.grantee, catalog);
  return `${grantee}=${privilegeLetters(item)}/${quoteRole(item.grantor, catalog)}`;
}

function quoteRole(role: number, catalog: TypeCatalog): string {
  const name = catalog.roleName(role) ?? String(role);
  return /^\w+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The datum of an aclitem's text. @throws SqlError 22P02, 42704 */
export function parseAclItem(text: string, catalog: TypeCatalog): string {
  return new AclReader(text, catalog).item();
}

class AclReader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly catalog: TypeCatalog,
  ) {}

  item(): string {
    let grantee = this.name();
    if (this.text[this.at] !== '=') {
      if (grantee !== 'group' && grantee !== 'user')
        throw invalid(`unrecognized key word: "${grantee}"`, 'ACL key word must be "group" or "user".');
      grantee = this.name();
      if (grantee === '') throw invalid('missing name', 'A name must follow the "group" or "user" key word.');
    }
    if (this.text[this.at] !== '=') throw invalid('missing "=" sign');
    this.at++;
    const { privileges, options } = this.privileges();
    const role = grantee === '' ? PUBLIC_ROLE : this.role(grantee);
    const grantor = this.grantor();
    this.skipSpace();
    if (this.at < this.text.length) throw invalid('extra garbage at the end of the ACL specification');
    return encodeAclItem({ grantee: role, grantor, privileges, options });
  }

  private privileges(): { privileges: number; options: number } {
    let privileges = 0;
    let options = 0;
    let last = 0;
    for (; /[a-zA-Z*]/.test(this.text[this.at] ?? ''); this.at++) {
      const letter = this.text[this.at];
      if (letter === '*') {
        options |= last;
        continue;
      }
      const bit = PRIVILEGE_LETTERS.indexOf(letter);
      if (bit < 0) throw invalid(`invalid mode character: must be one of "${PRIVILEGE_LETTERS}"`);
      last = 1 << bit;
      privileges |= last;
    }
    return { privileges, options };
  }

  /** Without one it is the superuser that the store began with. */
  private grantor(): number {
    if (this.text[this.at] !== '/') return BOOTSTRAP_SUPERUSER;
    this.at++;
    const name = this.name();
    if (name === '') throw invalid('a name must follow the "/" sign');
    return this.role(name);
  }

  private role(name: string): number {
    const found = this.catalog.roleOid(name);
    if (found === undefined) throw sqlError('undefined_object', `role "${name}" does not exist`);
    return found;
  }

  /** A name, and the blanks around it; double quotes may enclose any part of it. */
  private name(): string {
    this.skipSpace();
    let name = '';
    let quoted = false;
    for (; this.at < this.text.length; this.at++) {
      const c = this.text[this.at];
      if (c === '"') {
        if (quoted && this.text[this.at + 1] === '"') {
          name += '"';
          this.at++;
        } else quoted = !quoted;
      } else if (quoted || /[\w\u0080-\uffff]/.test(c)) name += c;
      else break;
    }
    if (Buffer.byteLength(name) > 63) {
      throw sqlError('name_too_long', 'identifier too long', { detail: 'Identifier must be less than 64 characters.' });
    }
    this.skipSpace();
    return name;
  }

  private skipSpace(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }
}

function invalid(message: string, hint?: string): Error {
  return sqlError('invalid_text_representation', message, hint === undefined ? {} : { hint });
}

/** Stored and compared like the text of its datum. PostgreSQL has no binary form for it. */
class AclItemCodec extends TextCodec {
  override parse(value: string, cx: TypeContext): string {
    return parseAclItem(value, cx.catalog);
  }

  override format(value: string, cx: TypeContext): string {
    return formatAclItem(value, cx.catalog);
  }

  override receive(): string {
    throw sqlError('undefined_function', 'no binary input function available for type aclitem');
  }

  override send(): void {
    throw sqlError('undefined_function', 'no binary output function available for type aclitem');
  }
}

export const aclItemCodec: TypeCodec = new AclItemCodec();

/** Types that declarations of a function name, looked up in the catalog. */
import { sqlError } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { BindContext, type BinderServices } from '../binder/bind-context.js';
import { isPolymorphic } from '../binder/polymorphism.js';
import { resolveTypeName } from '../binder/type-name.js';
import { parseSql } from '../parser/parse.js';
import type { TypeSource } from './function-parser.js';
import type { PlType } from './syntax.js';

/** What is put before a type's name to read it as SQL. */
export const TYPE_PREFIX = 'SELECT CAST(NULL AS ';

const scalar = (type: number): PlType => ({ oid: type, typmod: -1, composite: false });

export class CatalogTypes implements TypeSource {
  readonly standard = {
    integer: scalar(oid.INT4),
    boolean: scalar(oid.BOOL),
    text: scalar(oid.TEXT),
    refcursor: scalar(oid.REFCURSOR),
  };
  readonly typePrefix = TYPE_PREFIX;
  readonly record: PlType = { oid: oid.RECORD, typmod: -1, composite: true };

  constructor(
    private readonly services: BinderServices,
    readonly shadowing: TypeSource['shadowing'] = null,
    private readonly place: (position: number) => number | null = () => null,
  ) {}

  warn(message: string, position: number): void {
    const placed = this.place(position);
    this.services.notice('WARNING', message, placed === null ? {} : { position: placed });
  }

  named(text: string): PlType {
    const statement = parseSql(`${TYPE_PREFIX}${text})`)[0]?.node;
    const target =
      statement !== undefined && 'SelectStmt' in statement ? statement.SelectStmt.targetList?.[0] : undefined;
    const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
    if (value === undefined || !('TypeCast' in value) || value.TypeCast.typeName === undefined)
      throw sqlError('syntax_error', `invalid type name "${text}"`);
    const { typeName } = value.TypeCast;
    const { type, typmod } = resolveTypeName(new BindContext(this.services, ''), { ...typeName, location: -1 });
    return this.of(type, typmod);
  }

  of(type: number, typmod = -1): PlType {
    const { catalog } = this.services;
    let base = catalog.type(type);
    while (base?.kind === 'd') base = catalog.type(base.baseType);
    return { oid: type, typmod, composite: type === oid.RECORD || base?.kind === 'c' };
  }

  ofColumn(path: readonly string[]): PlType | null {
    const column = path[path.length - 1];
    const relation = path.length < 2 ? undefined : this.relation(path.slice(0, -1));
    const attribute = relation?.attributes.find(({ name, dropped }) => name === column && !dropped);
    return attribute === undefined ? null : this.of(attribute.type, attribute.typmod);
  }

  ofRow(path: readonly string[]): PlType {
    const relation = this.relation(path);
    if (relation === undefined) throw sqlError('undefined_table', `relation "${path.join('.')}" does not exist`);
    if (relation.rowType === 0)
      throw sqlError('wrong_object_type', `relation "${relation.name}" does not have a composite type`);
    return this.of(relation.rowType);
  }

  private relation(path: readonly string[]) {
    const { catalog } = this.services;
    const name = path[path.length - 1];
    if (path.length === 1) return catalog.relationByName(name, null);
    const namespace = catalog.namespaceByName(path[path.length - 2]);
    if (namespace === undefined)
      throw sqlError('invalid_schema_name', `schema "${path[path.length - 2]}" does not exist`);
    return catalog.relationByName(name, namespace.oid);
  }

  checkVariable(name: string, type: PlType): void {
    if (type.oid === oid.RECORD || this.services.catalog.type(type.oid)?.kind !== 'p') return;
    const shown = this.services.types.catalog.formatType(type.oid, -1);
    throw sqlError('feature_not_supported', `variable "${name}" has pseudo-type ${shown}`);
  }

  isPolymorphic(type: number): boolean {
    return isPolymorphic(type);
  }
}

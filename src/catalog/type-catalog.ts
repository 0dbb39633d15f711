/**
 * What input and output functions of types ask of the catalogs, over the view that the session uses at the moment.
 */
import type { CollationFacts } from '../types/text/collator.js';
import type { RegKind, TypeCatalog } from '../types/type-context.js';
import type { CatalogView } from './descriptors.js';
import { formatType } from './format-type.js';
import { type RegInContext, regIn } from './reg-in.js';
import { regOut } from './reg-out.js';

export class ViewTypeCatalog implements TypeCatalog {
  /** `current` gives the context of this moment: the view changes with every statement. */
  constructor(private readonly current: () => RegInContext) {}

  private get view(): CatalogView {
    return this.current().view;
  }

  enumLabel(valueOid: number): string | undefined {
    return this.view.enumValue(valueOid)?.label;
  }

  enumValue(enumType: number, label: string): number | undefined {
    return this.view.enumValues(enumType).find((value) => value.label === label)?.oid;
  }

  /** OIDs of the values in their order. */
  enumValues(enumType: number): readonly number[] {
    return [...this.view.enumValues(enumType)].sort((a, b) => a.sortOrder - b.sortOrder).map((value) => value.oid);
  }

  enumSortOrder(valueOid: number): number {
    return this.view.enumValue(valueOid)?.sortOrder ?? 0;
  }

  compositeFields(typeOid: number): readonly { name: string; type: number; typmod: number }[] | undefined {
    const type = this.view.type(typeOid);
    if (type === undefined || type.kind !== 'c') return undefined;
    return this.view.relation(type.relation)?.attributes.filter((attribute) => !attribute.dropped);
  }

  elementType(typeOid: number): number {
    const type = this.view.type(typeOid);
    if (type?.kind === 'r') return this.view.range(typeOid)?.subtype ?? 0;
    return type?.isArray === true ? type.element : 0;
  }

  arrayType(typeOid: number): number {
    return this.view.type(typeOid)?.array ?? 0;
  }

  formatType(typeOid: number, typmod: number): string {
    return formatType(this.view, typeOid, typmod === -1 ? null : typmod);
  }

  collation(oid: number): CollationFacts | undefined {
    return this.view.collation(oid);
  }

  regIn(kind: RegKind, text: string): number {
    return regIn(this.current(), kind, text);
  }

  regOut(kind: RegKind, oid: number): string {
    return regOut(this.view, kind, oid);
  }

  roleName(oid: number): string | undefined {
    return this.view.role(oid)?.name;
  }

  roleOid(name: string): number | undefined {
    return this.view.roleByName(name)?.oid;
  }
}

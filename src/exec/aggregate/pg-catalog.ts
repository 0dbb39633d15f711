/** OID of the schema pg_catalog: built-in aggregates are recognised by it. */
export const PG_CATALOG = 11;

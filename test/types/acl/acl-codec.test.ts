import t from 'tap';
import { formatAclItem, parseAclItem } from '../../../src/types/acl/acl-codec.js';
import type { TypeCatalog } from '../../../src/types/type-context.js';
import { testCallContext } from '../container/test-context.js';

const ROLES = new Map([
  [10, 'postgres'],
  [20, 'anna'],
  [21, 'Two "Words"'],
]);

const base: TypeCatalog = testCallContext().catalog;
const catalog: TypeCatalog = Object.assign(Object.create(base), {
  roleName: (oid: number) => ROLES.get(oid),
  roleOid: (name: string) => [...ROLES].find(([, known]) => known === name)?.[0],
});

t.test('data name roles by OID, texts by name', async (t) => {
  for (const [text, datum] of [
    ['anna=r*w/postgres', '20=r*w/10'],
    ['=UC/anna', '0=UC/20'],
    ['"Two ""Words"""=X/postgres', '21=X/10'],
  ]) {
    t.equal(parseAclItem(text, catalog), datum);
    t.equal(formatAclItem(datum, catalog), text);
  }
  t.equal(parseAclItem(' group anna=wr*/anna ', catalog), '20=r*w/20', 'letters in their order');
  t.equal(formatAclItem('99=r/10', catalog), '99=r/postgres', 'a role that is gone');
});

t.test('malformed texts', async (t) => {
  const message = (text: string): unknown => {
    try {
      return parseAclItem(text, catalog);
    } catch (error) {
      return error instanceof Error ? error.message : error;
    }
  };
  t.equal(message('anna r/postgres'), 'unrecognized key word: "anna"');
  t.equal(message('user =r/postgres'), 'role "user" does not exist');
  t.equal(message('anna=q/postgres'), 'invalid mode character: must be one of "arwdDxtXUCTcsA"');
  t.equal(message('anna=r/'), 'a name must follow the "/" sign');
  t.equal(message('berta=r/postgres'), 'role "berta" does not exist');
  t.equal(message('anna=r/postgres x'), 'extra garbage at the end of the ACL specification');
});

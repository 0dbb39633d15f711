import t from 'tap';
import {
  type Acl,
  bestGrantor,
  grant,
  heldOptions,
  heldPrivileges,
  revoke,
  withOwner,
} from '../../../src/catalog/acl/acl.js';
import { defaultAcl } from '../../../src/catalog/acl/privileges.js';
import { encodeAclItem, PRIVILEGE } from '../../../src/types/acl/acl-item.js';

const OWNER = 100;
const ANNA = 101;
const BERTA = 102;
const { SELECT, INSERT, UPDATE } = PRIVILEGE;

const texts = (acl: Acl): string[] => acl.map(encodeAclItem);

function granted(acl: Acl, grantor: number, grantee: number, privileges: number, options = 0): Acl {
  return grant(acl, { grantee, grantor, privileges, options }, OWNER);
}

t.test('a grant adds to the item of the same grantor and grantee', async (t) => {
  let acl = granted(defaultAcl('r', OWNER), OWNER, ANNA, SELECT);
  acl = granted(acl, OWNER, ANNA, INSERT | UPDATE, UPDATE);
  t.same(texts(acl), ['100=arwdDxt/100', '101=arw*/100']);
  t.equal(heldPrivileges(acl, new Set([ANNA]), SELECT | PRIVILEGE.DELETE), SELECT);
  t.equal(heldOptions(acl, new Set([ANNA]), OWNER, SELECT | UPDATE), UPDATE);
  t.equal(heldOptions(acl, new Set([OWNER]), OWNER, SELECT), SELECT, 'the owner needs no options');
});

t.test('what came through lost options goes with CASCADE only', async (t) => {
  let acl = granted([], OWNER, ANNA, SELECT, SELECT);
  acl = granted(acl, ANNA, BERTA, SELECT);
  const change = { grantee: ANNA, grantor: OWNER, privileges: SELECT, options: SELECT };
  t.throws(() => revoke(acl, change, OWNER, 'restrict'), { message: 'dependent privileges exist' });
  t.same(texts(revoke(acl, change, OWNER, 'cascade')), []);
  const optionOnly = { ...change, privileges: 0 };
  t.same(texts(revoke(acl, optionOnly, OWNER, 'cascade')), ['101=r/100']);
});

t.test('options do not go in circles', async (t) => {
  let acl = granted([], OWNER, ANNA, SELECT, SELECT);
  acl = granted(acl, ANNA, BERTA, SELECT, SELECT);
  t.throws(() => granted(acl, BERTA, ANNA, SELECT, SELECT), {
    message: 'grant options cannot be granted back to your own grantor',
  });
});

t.test('the grantor is the role with most of the options', async (t) => {
  const acl = granted(granted([], OWNER, ANNA, SELECT, SELECT), OWNER, BERTA, SELECT | INSERT, SELECT | INSERT);
  const wanted = SELECT | INSERT;
  t.same(bestGrantor(acl, ANNA, [ANNA, BERTA], false, OWNER, wanted), { grantor: BERTA, options: wanted });
  t.same(bestGrantor(acl, ANNA, [ANNA], false, OWNER, wanted), { grantor: ANNA, options: SELECT });
  t.same(bestGrantor(acl, 10, [10], true, OWNER, wanted), { grantor: OWNER, options: wanted });
});

t.test('a new owner takes the place of the old one', async (t) => {
  const acl = granted(granted(defaultAcl('n', OWNER), OWNER, ANNA, PRIVILEGE.USAGE), OWNER, BERTA, PRIVILEGE.USAGE);
  t.same(texts(withOwner(acl, OWNER, ANNA)), ['101=UC/101', '102=U/101']);
});

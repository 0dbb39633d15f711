/** Which rule fits a connection: by its transport, address, database and user. */
import t from 'tap';
import { ConfigError } from '../../src/config/config-error.js';
import { securitySettings } from '../../src/config/security-settings.js';
import type { Claim } from '../../src/pgwire/wire-options.js';
import { authRule } from '../../src/server/auth-rule.js';

type Section = Parameters<typeof securitySettings>[0];

const CLAIM: Claim = { user: 'anna', database: 'actors', remoteAddress: '10.1.2.3', tls: false };

/** The method for a claim, where the user is in the given roles. */
function method(section: Section, claim: Partial<Claim> = {}, roles: readonly string[] = []): string {
  const { rules, userMaps, requireTls } = securitySettings(section, '/', []);
  return authRule(rules, userMaps, requireTls)({ ...CLAIM, ...claim }, (role) => roles.includes(role)).method;
}

t.test('the simple settings', async (t) => {
  t.equal(method({}), 'scram-sha-256');
  t.equal(method({}, { remoteAddress: '127.3.2.1' }), 'trust');
  t.equal(method({}, { remoteAddress: '::1' }), 'trust');
  t.equal(method({}, { remoteAddress: '[local]' }), 'trust');
  t.equal(method({ remote_authentication: 'reject' }), 'reject');
  t.equal(method({ local_authentication: 'md5' }, { remoteAddress: '127.0.0.1' }), 'md5');
  const tls = { enable_tls: true, cert_path: 'a', key_path: 'b', require_tls: true };
  t.equal(method(tls), 'no entry');
  t.equal(method(tls, { tls: true }), 'scram-sha-256');
  t.equal(method(tls, { remoteAddress: '[local]' }), 'trust');
  t.throws(() => method({ require_tls: true }), ConfigError);
});

t.test('addresses', async (t) => {
  const of = (address: string, remoteAddress: string): string =>
    method({ rules: [{ type: 'host', address, method: 'trust' }] }, { remoteAddress });
  t.equal(of('10.0.0.0/8', '10.200.1.1'), 'trust');
  t.equal(of('10.0.0.0/8', '11.0.0.1'), 'no entry');
  t.equal(of('10.1.2.3', '10.1.2.3'), 'trust');
  t.equal(of('0.0.0.0/0', '2001:db8::1'), 'no entry');
  t.equal(of('::/0', '10.1.2.3'), 'no entry', 'networks of IPv6 hold no IPv4 addresses');
  t.equal(of('fe80::/10', 'fe80::1%eth0'), 'trust');
  t.equal(of('all', '[local]'), 'no entry', 'a Unix socket has no address');
  t.equal(of('samehost', '127.0.0.1'), 'trust');
  t.equal(of('samehost', '192.0.2.1'), 'no entry');
  t.equal(of('samenet', '127.9.9.9'), 'trust');
  for (const wrong of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'localhost', '300.0.0.1', '::/129', ''])
    t.throws(() => of(wrong, '10.1.2.3'), ConfigError, wrong);
});

t.test('transports', async (t) => {
  const of = (type: 'local' | 'hostssl' | 'hostnossl' | 'hostgssenc' | 'hostnogssenc', tls: boolean): string =>
    method({ rules: [{ type, address: type === 'local' ? undefined : 'all', method: 'trust' }] }, { tls });
  t.same([of('hostssl', true), of('hostssl', false)], ['trust', 'no entry']);
  t.same([of('hostnossl', true), of('hostnossl', false)], ['no entry', 'trust']);
  t.same([of('hostgssenc', true), of('hostnogssenc', true)], ['no entry', 'trust']);
  t.equal(of('local', false), 'no entry');
});

t.test('databases and users', async (t) => {
  const of = (database: string | string[], user: string | string[], claim: Partial<Claim> = {}, roles: string[] = []) =>
    method({ rules: [{ type: 'host', address: 'all', method: 'trust', database, user }] }, claim, roles);
  t.equal(of('actors', 'anna'), 'trust');
  t.equal(of(['x', 'actors'], ['y', 'anna']), 'trust');
  t.equal(of('x', 'anna'), 'no entry');
  t.equal(of('all', 'x'), 'no entry');
  t.equal(of('sameuser', 'all'), 'no entry');
  t.equal(of('sameuser', 'all', { database: 'anna' }), 'trust');
  t.equal(of('samerole', 'all', {}, ['actors']), 'trust');
  t.equal(of('samegroup', 'all'), 'no entry');
  t.equal(of('replication', 'all'), 'no entry');
  t.equal(of('all', '+team'), 'no entry');
  t.equal(of('all', '+team', {}, ['team']), 'trust');
});

t.test('the first that fits counts, also when it refuses', async (t) => {
  const rules: Section['rules'] = [
    { type: 'host', user: 'anna', address: '10.0.0.0/8', method: 'reject' },
    { type: 'host', address: 'all', method: 'md5' },
  ];
  t.equal(method({ rules }), 'reject');
  t.equal(method({ rules }, { user: 'bert' }), 'md5');
});

t.test('maps of names', async (t) => {
  const tls = { enable_tls: true, cert_path: 'a', key_path: 'b', client_ca_path: 'c' };
  const { rules, userMaps } = securitySettings(
    {
      ...tls,
      rules: [{ type: 'hostssl', address: 'all', method: 'cert', map: 'm' }],
      user_maps: [
        { map: 'm', system_user: '/^(.*)@actors$', database_user: '\\1' },
        { map: 'm', system_user: 'root', database_user: 'orbit' },
        { map: 'other', system_user: 'root', database_user: 'anna' },
      ],
    },
    '/',
    [],
  );
  const { maps } = authRule(rules, userMaps, false)({ ...CLAIM, tls: true }, () => false);
  t.same(
    ['anna@actors anna', 'anna@actors bert', 'root orbit', 'root anna', 'anna anna'].map((pair) => {
      const [name, user] = pair.split(' ');
      return maps?.(name, user);
    }),
    [true, false, true, false, false],
  );
  const faulty = (section: Section) => () => securitySettings({ ...tls, ...section }, '/', []);
  t.throws(faulty({ rules: [{ type: 'hostssl', address: 'all', method: 'cert', map: 'm' }] }), ConfigError);
  t.throws(faulty({ user_maps: [{ map: 'm', system_user: '/(', database_user: 'x' }] }), ConfigError);
  const noCa: Section['rules'] = [{ type: 'hostssl', address: 'all', method: 'cert' }];
  t.throws(faulty({ client_ca_path: undefined, rules: noCa }), ConfigError);
});

/** Rules of who may connect that cannot be meant: the settings are refused, and the message names the rule. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config/config.js';
import { ConfigError } from '../../src/config/config-error.js';

const directory = mkdtempSync(join(tmpdir(), 'orbit-host-rules-'));
const file = join(directory, 'orbit-server.toml');
t.teardown(() => rmSync(directory, { recursive: true, force: true }));

function load(settings: string) {
  writeFileSync(file, settings);
  return loadConfig({ config: file }, {}, directory);
}

t.test('what is refused', async (t) => {
  const refusal = (rule: string): string => {
    try {
      load(`[[security.rules]]\n${rule}`);
      return 'nothing';
    } catch (error) {
      t.ok(error instanceof ConfigError);
      return error instanceof Error ? error.message : '';
    }
  };
  const host = 'type = "host"\naddress = "all"\n';
  t.match(
    refusal('type = "local"\nmethod = "peer"'),
    /^\[\[security.rules\]\] number 1: peer authentication is not supported/,
  );
  t.match(refusal(`${host}method = "ldap"`), /"ldap": not supported by this build/);
  t.match(refusal('type = "host"\nmethod = "trust"'), /a host rule needs an address/);
  t.match(refusal('type = "local"\naddress = "all"\nmethod = "trust"'), /a local rule has no address/);
  t.match(refusal('type = "host"\naddress = "db.example.org"\nmethod = "trust"'), /host names are not looked up/);
  t.match(refusal('type = "host"\naddress = "10.0.0.0/33"\nmethod = "trust"'), /invalid CIDR mask/);
  t.match(refusal(`${host}method = "cert"`), /cert authentication is only supported on hostssl connections/);
  t.match(refusal(`${host}method = "trust"\nclientcert = "verify-ca"`), /clientcert can only be configured/);
  t.match(refusal('type = "hostssl"\naddress = "all"\nmethod = "cert"'), /client_ca_path/);
  t.match(refusal(`${host}method = "trust"\nmap = "m"`), /there is no \[\[security.user_maps\]\]/);
  t.match(refusal(`${host}method = "trust"\nusers = "x"`), /security.rules.0.users/, 'an unknown key');
  t.match(refusal(`${host}method = "trusted"`), /security.rules.0.method/);
  t.match(refusal(`${host}method = "trust"\nuser = []`), /security.rules.0.user/);
});

t.test('what is odd is told', async (t) => {
  const { warnings, rules } = load(
    '[security]\nlocal_authentication = "md5"\n[[security.rules]]\ntype = "hostssl"\naddress = "all"\nmethod = "trust"',
  );
  t.equal(rules.length, 1);
  t.match(warnings.join('\n'), /local_authentication and remote_authentication are ignored/);
  t.match(warnings.join('\n'), /number 1: hostssl record cannot match because SSL is disabled/);
});

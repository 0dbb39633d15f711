import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import t from 'tap';
import { makeScramVerifier, parseScramVerifier, ScramExchange } from '../../src/pgwire/scram.js';

/** Made by PostgreSQL 15: ALTER ROLE … PASSWORD. */
const FROM_POSTGRES: [string, string][] = [
  [
    'secret pass',
    'SCRAM-SHA-256$4096:T5GMhAjzPNPd7mvwwjw/ug==$7rl45V+486ffGHSbWu+RDxjucWWh1kaOaSQyImMvxvE=:jHiTLWA7/7HhcLL1yq/NbHKZdFha8LFs4NlPWcpePuY=',
  ],
  [
    'p\u00e4ss\u00a0w\u00aard',
    'SCRAM-SHA-256$4096:irDuw0DYJjNeeBflHgFsag==$gfkGWy1YHEtt+De6rquGU6kSF0AXo1tFomaYVnHou4w=:2qumjdL1KURqDqiaVy776KFkntCVNhfWDDldPOZyVCE=',
  ],
];

t.test('verifiers are those of PostgreSQL', async (t) => {
  for (const [password, verifier] of FROM_POSTGRES) {
    t.equal(makeScramVerifier(password, parseScramVerifier(verifier)?.salt), verifier);
  }
  t.ok(parseScramVerifier(makeScramVerifier('x')));
  t.notOk(parseScramVerifier('md5abcdef'));
  t.notOk(parseScramVerifier('SCRAM-SHA-256$4096:c2FsdA==$eA==:eA=='));
});

/** The client's final message for a server-first message. */
function clientFinal(password: string, clientFirst: string, serverFirst: string): string {
  const [, nonce, salt, iterations] = /^r=([^,]*),s=([^,]*),i=(\d+)$/.exec(serverFirst) ?? [];
  const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const withoutProof = `c=biws,r=${nonce}`;
  const signature = hmac(
    createHash('sha256').update(clientKey).digest(),
    `${clientFirst.slice(3)},${serverFirst},${withoutProof}`,
  );
  const proof = clientKey.map((byte, i) => byte ^ signature[i]);
  return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`;
}

t.test('an exchange', async (t) => {
  const verifier = parseScramVerifier(FROM_POSTGRES[0][1]);
  if (verifier === null) throw new Error('verifier not read');
  const first = 'n,,n=,r=clientnonce';
  const exchange = new ScramExchange(verifier);
  t.match(exchange.final(clientFinal('secret pass', first, exchange.first(first))), /^v=[A-Za-z0-9+/]{43}=$/);
  const wrong = new ScramExchange(verifier);
  t.equal(wrong.final(clientFinal('secret pas', first, wrong.first(first))), null);
  const other = new ScramExchange(verifier);
  const final = clientFinal('secret pass', first, other.first(first));
  t.throws(() => other.final(final.replace('r=c', 'r=d')), { code: '08P01', message: 'invalid SCRAM response' });
  t.throws(() => other.final(final.replace('biws', 'eSws')), { code: '08P01' });
  t.throws(() => new ScramExchange(verifier).first('p=tls-unique,,n=,r=x'), { code: '08P01' });
  for (const bad of ['', 'n', 'n,,', 'n,,n=,r=', 'x,,n=,r=abc', 'n,,r=abc']) {
    t.throws(() => new ScramExchange(verifier).first(bad), { code: '08P01', severity: 'FATAL' }, JSON.stringify(bad));
  }
});

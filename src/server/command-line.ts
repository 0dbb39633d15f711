/** The command line: flags, start, signals, exit codes. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadConfig } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { checkCommand } from './check-command.js';
import { makeLogger } from './logger.js';
import { OrbitServer } from './server.js';
import { failureMessage, startErrorMessage } from './start-error.js';

/** Exit code when the log or the store cannot be written any more; nothing that was answered is lost. */
const STORE_FAILED = 3;

const HELP = `Usage: orbit-server [options]
       orbit-server check [options]    verifies the store of a stopped server; exit code 1 when it has faults

  --config FILE      settings (default: orbit-server.toml, then config/orbit-server.toml)
  --data-dir DIR     where the data is kept (default: ./orbit_integrated_data/postgresql)
  --host ADDRESS     address to listen on (default: 127.0.0.1)
  --port PORT        port to listen on (default: 15432; 0 picks a free one)
  --log-level LEVEL  trace, debug, info, warn, error, fatal or silent (default: info)
  --version          print the version
  --help             print this

Every setting can also be given in the file or as an environment variable ORBIT_SECTION_KEY.
`;

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

function fail(message: string, code: number): never {
  process.stderr.write(`orbit-server: ${message}\n`);
  process.exit(code);
}

function readFlags() {
  try {
    const { values, positionals } = parseArgs({
      options: {
        config: { type: 'string' },
        'data-dir': { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        'log-level': { type: 'string' },
        version: { type: 'boolean' },
        help: { type: 'boolean' },
      },
      allowPositionals: true,
    });
    const unknown = positionals.find((word, i) => i > 0 || word !== 'check');
    if (unknown !== undefined) return fail(`unexpected argument "${unknown}"\nTry --help.`, 2);
    return { ...values, check: positionals.length > 0 };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\nTry --help.`, 2);
  }
}

/** Does what the arguments of the process ask for. */
export async function main(): Promise<void> {
  const flags = readFlags();
  if (flags.help === true) {
    process.stdout.write(HELP);
    return;
  }
  if (flags.version === true) {
    process.stdout.write(`orbit-server ${version()}\n`);
    return;
  }
  const config = (() => {
    try {
      return loadConfig(flags, process.env, process.cwd());
    } catch (error) {
      if (error instanceof ConfigError) return fail(error.message, 2);
      throw error;
    }
  })();
  const log = makeLogger(config);
  for (const warning of config.warnings) log.warn(warning);
  if (flags.check) {
    const isGood = await checkCommand(config, log, (line) => process.stdout.write(`${line}\n`));
    process.exitCode = isGood ? 0 : 1;
    return;
  }
  let server: OrbitServer;
  try {
    server = await OrbitServer.start(config, log, {
      reread: () => loadConfig(flags, process.env, process.cwd()),
      onFailure: (error) => {
        log.fatal({ err: error }, failureMessage(error, config));
        process.exit(STORE_FAILED);
      },
    });
  } catch (error) {
    const told = startErrorMessage(error, config);
    log.fatal(told === null ? { err: error } : {}, told ?? 'the server cannot start');
    process.exit(1);
  }
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.fatal({ err: error }, 'the shutdown has failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => server.reload());
  log.info(
    {
      host: server.address?.address,
      port: server.address?.port,
      dataDir: config.provider === 'memory' ? null : config.dataDir,
      provider: config.provider,
    },
    `ready: listening on ${server.address?.address}:${server.address?.port}, data in ${config.provider === 'memory' ? 'memory' : config.dataDir}`,
  );
}

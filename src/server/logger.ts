/** The server's log: pino, readable on a terminal, JSON otherwise, with a level for each module. */
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/config.js';

export type { Logger };

export function makeLogger(config: Pick<Config, 'logLevel'>): Logger {
  const options = { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return process.stdout.isTTY
    ? pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l' }))
    : pino(options, pino.destination({ sync: true }));
}

/** The logger of one part of the server. */
export function moduleLogger(root: Logger, config: Pick<Config, 'logModules' | 'logLevel'>, module: string): Logger {
  return root.child({ module }, { level: config.logModules[module] ?? config.logLevel });
}

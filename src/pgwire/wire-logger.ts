/**
 * What the wire needs of a logger: the part of pino's child logger that it calls.
 */
export interface WireLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const SILENT_LOGGER: WireLogger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
};

/**
 * Decodes the packets that come before authentication. What is wrong with them is FATAL, as in PostgreSQL.
 */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { STARTUP } from './message-types.js';

export type StartupPacket =
  | { readonly kind: 'ssl' }
  | { readonly kind: 'gssenc' }
  | { readonly kind: 'cancel'; readonly pid: number; readonly secret: number }
  | {
      readonly kind: 'startup';
      readonly minor: number;
      /** In the order sent; a later one of the same name wins. `_pq_.` options are in `extensions`. */
      readonly parameters: ReadonlyMap<string, string>;
      readonly extensions: readonly string[];
    };

/** `body` is what follows the length word. Throws FATAL 08P01 or 0A000. */
export function decodeStartupPacket(body: Buffer): StartupPacket {
  const code = body.readInt32BE(0);
  if (code === STARTUP.sslRequest || code === STARTUP.gssEncRequest) {
    if (body.length !== 4) throw badLayout('invalid length of startup packet');
    return { kind: code === STARTUP.sslRequest ? 'ssl' : 'gssenc' };
  }
  if (code === STARTUP.cancelRequest) {
    if (body.length !== 12) throw badLayout('invalid length of startup packet');
    return { kind: 'cancel', pid: body.readInt32BE(4), secret: body.readInt32BE(8) };
  }
  const major = code >>> 16;
  const minor = code & 0xffff;
  if (major !== 3) {
    throw sqlError(
      'feature_not_supported',
      `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.0`,
      { severity: 'FATAL' },
    );
  }
  return { kind: 'startup', minor, ...decodeParameters(body) };
}

function decodeParameters(body: Buffer): { parameters: Map<string, string>; extensions: string[] } {
  const parameters = new Map<string, string>();
  const extensions: string[] = [];
  const expectTerminator = 'invalid startup packet layout: expected terminator as last byte';
  let at = 4;
  for (;;) {
    if (at >= body.length) throw badLayout(expectTerminator);
    if (body[at] === 0) break;
    const nameEnd = body.indexOf(0, at);
    if (nameEnd < 0) throw badLayout(expectTerminator);
    const valueEnd = body.indexOf(0, nameEnd + 1);
    if (valueEnd < 0) throw badLayout(expectTerminator);
    const name = body.toString('utf8', at, nameEnd);
    if (name.startsWith('_pq_.')) extensions.push(name);
    else parameters.set(name, body.toString('utf8', nameEnd + 1, valueEnd));
    at = valueEnd + 1;
  }
  if (at !== body.length - 1) throw badLayout(expectTerminator);
  return { parameters, extensions };
}

function badLayout(message: string): SqlError {
  return sqlError('protocol_violation', message, { severity: 'FATAL' });
}

/**
 * Splits the `options` parameter as a command line is: blanks separate, a backslash takes the next character
 * literally. Understands `-c name=value`, `-cname=value` and `--name=value`; dashes in names read as underscores.
 * Throws FATAL 42601 for anything else.
 */
export function parseStartupOptions(options: string): Map<string, string> {
  const settings = new Map<string, string>();
  const words = splitWords(options);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word.startsWith('--')) addSetting(settings, word.slice(2), '--');
    else if (word === '-c' && i + 1 < words.length) addSetting(settings, words[++i], '-c ');
    else if (word.startsWith('-c') && word.length > 2) addSetting(settings, word.slice(2), '-c ');
    else {
      throw sqlError('syntax_error', `invalid command-line argument for server process: ${word}`, {
        severity: 'FATAL',
        hint: 'Try "postgres --help" for more information.',
      });
    }
  }
  return settings;
}

function addSetting(settings: Map<string, string>, assignment: string, flag: string): void {
  const equals = assignment.indexOf('=');
  if (equals < 0) throw sqlError('syntax_error', `${flag}${assignment} requires a value`, { severity: 'FATAL' });
  settings.set(assignment.slice(0, equals).replaceAll('-', '_'), assignment.slice(equals + 1));
}

function splitWords(options: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < options.length; i++) {
    const character = options[i];
    if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === '\\') {
      word = (word ?? '') + (options[++i] ?? '');
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

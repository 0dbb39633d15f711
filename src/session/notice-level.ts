/** Which notices a client wants: the setting client_min_messages. */

export type NoticeSeverity = 'DEBUG' | 'LOG' | 'NOTICE' | 'WARNING' | 'INFO';

const LEVELS = ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'];

/** INFO is always sent. */
export function isNoticeWanted(severity: NoticeSeverity, clientMinMessages: string | undefined): boolean {
  const level = severity === 'DEBUG' ? 'debug1' : severity.toLowerCase();
  return severity === 'INFO' || LEVELS.indexOf(level) >= LEVELS.indexOf(clientMinMessages ?? 'notice');
}

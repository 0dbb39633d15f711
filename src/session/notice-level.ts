/** Which notices a client wants: the setting client_min_messages. */

export type NoticeSeverity = 'NOTICE' | 'WARNING' | 'INFO';

const LEVELS = ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'];

/** INFO is always sent. */
export function isNoticeWanted(severity: NoticeSeverity, clientMinMessages: string | undefined): boolean {
  return severity === 'INFO' || LEVELS.indexOf(severity.toLowerCase()) >= LEVELS.indexOf(clientMinMessages ?? 'notice');
}

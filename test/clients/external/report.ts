/**
 * docs/compatibility.md: one row for each client, written by the runner from what happened. Rows of clients that did not run stay
 * as they were, with their date. `parseReport` and `formatReport` are each other's inverse.
 */
export interface Outcome {
  readonly client: string;
  readonly version: string;
  /** The parts of the program that ran, as it named them. */
  readonly parts: readonly string[];
  readonly result: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

const HEAD = `# Clients

Which clients were run against this server, and what came of it. \`npm run test:clients\` writes this file; do not edit it.
Each client runs a program of its own language (\`test/clients/external/programs/\`) or a test of the gate (\`test/clients/\`), against a fresh
database. "as PostgreSQL" means that every line it printed is the one that PostgreSQL 15 gave the same program.

| client | version | what ran | result | date |
| ------ | ------- | -------- | ------ | ---- |
`;

const escaped = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const unescaped = (text: string): string => text.replaceAll('\\|', '|');

export function formatReport(outcomes: readonly Outcome[]): string {
  const row = ({ client, version, parts, result, date }: Outcome): string =>
    `| ${[client, version, parts.join(', '), result, date].map(escaped).join(' | ')} |\n`;
  return (
    HEAD +
    [...outcomes]
      .sort((a, b) => (a.client < b.client ? -1 : 1))
      .map(row)
      .join('')
  );
}

/** @throws when the text does not have the form that `formatReport` gives */
export function parseReport(text: string): Outcome[] {
  if (!text.startsWith(HEAD)) throw new Error('the report does not begin with its head');
  const lines = text.slice(HEAD.length).split('\n').slice(0, -1);
  return lines.map((line) => {
    const [client, version, parts, result, date, ...rest] = line
      .slice(2, -2)
      .split(/(?<!\\) \| /)
      .map(unescaped);
    if (date === undefined || rest.length > 0) throw new Error(`not a row of the report: ${line}`);
    return { client, version, parts: parts === '' ? [] : parts.split(', '), result, date };
  });
}

/** The rows of `old`, replaced by those of `fresh` where a client ran again. */
export function mergeOutcomes(old: readonly Outcome[], fresh: readonly Outcome[]): Outcome[] {
  const ran = new Set(fresh.map(({ client }) => client));
  return [...old.filter(({ client }) => !ran.has(client)), ...fresh];
}

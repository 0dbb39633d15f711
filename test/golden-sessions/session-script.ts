/**
 * Scripts of several sessions (the form is in README.md): a setup, and cases whose steps each go to one session and
 * carry the recorded outcome. This file reads and writes them; session-runner.ts runs them.
 */
import { readFileSync } from 'node:fs';

export interface Step {
  /** Comment lines above the step. */
  readonly comments: readonly string[];
  readonly session: string;
  /** `t1!:` – the answer is awaited even when it takes a lock wait or a timeout to come. */
  readonly untilAnswered: boolean;
  /** `t1>:` – it is only seen to that the server has begun; the answer is awaited by `t1!`. */
  readonly inBackground: boolean;
  /** Empty in the form `t1!`, which awaits what t1 has been sent before. */
  readonly sql: string;
  readonly expected: readonly string[];
}

export interface SessionCase {
  readonly title: string;
  /** A line `-- todo: reason` below the title: known to differ on the server still. */
  readonly todo: string | undefined;
  readonly steps: readonly Step[];
}

export interface SessionScript {
  /** Comments and SQL before the first case; run before each of them. */
  readonly setup: string;
  readonly cases: readonly SessionCase[];
}

const STEP = /^([\w@]+)(!:|>:|:|!$)\s*(.*)$/;
const OUTCOME = /^\||^[\w@]+ answers:$/;

export function readSessionScript(path: string): SessionScript {
  const [setup, ...sections] = readFileSync(path, 'utf8').split(/^=== /m);
  return { setup: setup.trim(), cases: sections.map(readCase) };
}

function readCase(section: string): SessionCase {
  const [title, ...rest] = section.split('\n');
  const todo = /^-- todo: (.*)/.exec(rest[0] ?? '')?.[1];
  const steps: { -readonly [K in keyof Step]: Step[K] extends readonly string[] ? string[] : Step[K] }[] = [];
  let comments: string[] = [];
  let open = false;
  for (const line of todo === undefined ? rest : rest.slice(1)) {
    const current = steps.at(-1);
    const step = STEP.exec(line);
    if (OUTCOME.test(line)) {
      if (current === undefined) throw new Error(`${title}: an outcome without a step`);
      current.expected.push(line);
      open = false;
    } else if (open && current !== undefined) {
      current.sql += `\n${line}`;
      open = !line.endsWith(';');
    } else if (step !== null) {
      const [, session, mark, sql] = step;
      steps.push({
        comments,
        session,
        untilAnswered: mark.startsWith('!'),
        inBackground: mark === '>:',
        sql,
        expected: [],
      });
      comments = [];
      open = sql !== '' && !sql.endsWith(';');
    } else if (line.trim() !== '') comments.push(line);
  }
  return { title, todo, steps };
}

export function writeSessionScript({ setup, cases }: SessionScript): string {
  const sections = cases.map(({ title, todo, steps }) =>
    [`=== ${title}`, ...(todo === undefined ? [] : [`-- todo: ${todo}`]), ...steps.flatMap(stepLines)].join('\n'),
  );
  return `${[...(setup === '' ? [] : [setup]), ...sections].join('\n\n')}\n`;
}

function stepLines(step: Step): string[] {
  return [...step.comments, stepText(step), ...step.expected];
}

/** The step as it stands in the script, without its outcome. */
export function stepText({ session, untilAnswered, inBackground, sql }: Step): string {
  if (sql === '') return `${session}!`;
  return `${session}${untilAnswered ? '!' : inBackground ? '>' : ''}: ${sql}`;
}

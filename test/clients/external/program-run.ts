/** One run of a client's program: its version line, the parts it went through, and everything that it printed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Program } from './client.js';

/** Longest run of a program: milliseconds. */
const PATIENCE_MS = 300_000;

export interface ProgramRun {
  readonly version: string;
  readonly parts: readonly string[];
  readonly lines: readonly string[];
  readonly code: number | null;
  /** The end of what it wrote to standard error. */
  readonly complaint: string;
}

/** Runs the program to its end, or until patience is over. */
export async function runProgram(program: Program, env: Readonly<Record<string, string>>): Promise<ProgramRun> {
  const child = spawn(program.command, [...program.parameters], {
    cwd: program.cwd,
    env: { ...process.env, ...program.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code: number | null = (await once(child, 'close'))[0];
  if (errors !== '' && code !== 0) process.stderr.write(errors);
  const all = output.trimEnd().split('\n');
  const version = all.find((line) => line.startsWith('version: '))?.slice('version: '.length) ?? 'unknown';
  const lines = all.filter((line) => !line.startsWith('version: ')).map((line) => line.trimEnd());
  const parts = lines.filter((line) => line.startsWith('== ')).map((line) => line.slice(3));
  return { version, parts, lines, code, complaint: errors.trim().split('\n').at(-1) ?? '' };
}

/** The ratios as a picture: a bar for each workload on a logarithmic scale, from even (1) to the left or right, and its goal as a mark. */
import { type Measured, ratio } from './report.js';

const ROW = 18;
const LABEL_WIDTH = 260;
const WIDTH = 860;
const TOP = 40;
/** The scale's ends. */
const LEAST = 0.1;
const MOST = 10;
const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10];

function place(value: number): number {
  const inside = Math.min(MOST, Math.max(LEAST, value));
  const share = Math.log(inside / LEAST) / Math.log(MOST / LEAST);
  return Math.round(LABEL_WIDTH + share * (WIDTH - LABEL_WIDTH - 60));
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function bar(measured: Measured, compared: number, top: number): string {
  const { name, goal } = measured.workload;
  const [from, to] = [place(1), place(compared)].sort((a, b) => a - b);
  const colour = compared >= (goal ?? 1) ? '#2a7f4f' : compared >= 1 ? '#8fbf6a' : '#c26a4a';
  const middle = top + ROW / 2 + 4;
  return [
    `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${escaped(name)}</text>`,
    `<rect x="${from}" y="${top + 3}" width="${Math.max(1, to - from)}" height="${ROW - 6}" fill="${colour}"/>`,
    goal === undefined ? '' : `<path d="M${place(goal)} ${top + 1}v${ROW - 2}" stroke="#222" stroke-width="2"/>`,
    `<text x="${Math.max(to, place(goal ?? 1)) + 6}" y="${middle}">${compared.toFixed(2)}</text>`,
  ].join('');
}

/** An SVG document. */
export function plot(results: readonly Measured[]): string {
  const compared = results.flatMap((measured) => {
    const value = ratio(measured);
    return value === null ? [] : [{ measured, value }];
  });
  const height = TOP + compared.length * ROW + 16;
  const ticks = TICKS.map(
    (tick) =>
      `<path d="M${place(tick)} ${TOP - 4}V${height - 12}" stroke="${tick === 1 ? '#444' : '#ddd'}"/>` +
      `<text x="${place(tick)}" y="${TOP - 8}" text-anchor="middle">${tick}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    '<title>Ratios to PostgreSQL</title>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="16">Times as fast as PostgreSQL; marks are goals</text>`,
    ...ticks,
    ...compared.map(({ measured, value }, i) => bar(measured, value, TOP + i * ROW)),
    '</svg>\n',
  ].join('\n');
}

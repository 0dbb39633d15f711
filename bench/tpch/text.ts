/** Pseudo-English comments and the other strings of the TPC-H tables. */
import type { Random } from './random.js';
import { ADJECTIVES, ADVERBS, AUXILIARIES, NOUNS, PREPOSITIONS, TERMINATORS, VERBS } from './words.js';

function nounPhrase(random: Random): string {
  const noun = random.pick(NOUNS);
  switch (random.between(0, 3)) {
    case 0:
      return noun;
    case 1:
      return `${random.pick(ADJECTIVES)} ${noun}`;
    case 2:
      return `${random.pick(ADJECTIVES)}, ${random.pick(ADJECTIVES)} ${noun}`;
    default:
      return `${random.pick(ADVERBS)} ${random.pick(ADJECTIVES)} ${noun}`;
  }
}

function verbPhrase(random: Random): string {
  const verb = random.pick(VERBS);
  switch (random.between(0, 3)) {
    case 0:
      return verb;
    case 1:
      return `${random.pick(AUXILIARIES)} ${verb}`;
    case 2:
      return `${verb} ${random.pick(ADVERBS)}`;
    default:
      return `${random.pick(AUXILIARIES)} ${verb} ${random.pick(ADVERBS)}`;
  }
}

function prepositionalPhrase(random: Random): string {
  return `${random.pick(PREPOSITIONS)} the ${nounPhrase(random)}`;
}

function sentence(random: Random): string {
  const start = `${nounPhrase(random)} ${verbPhrase(random)}`;
  const end = random.pick(TERMINATORS);
  switch (random.between(0, 4)) {
    case 0:
      return `${start}${end}`;
    case 1:
      return `${start} ${prepositionalPhrase(random)}${end}`;
    case 2:
      return `${start} ${nounPhrase(random)}${end}`;
    case 3:
      return `${nounPhrase(random)} ${prepositionalPhrase(random)} ${verbPhrase(random)} ${nounPhrase(random)}${end}`;
    default:
      return `${nounPhrase(random)} ${prepositionalPhrase(random)} ${verbPhrase(random)} ${prepositionalPhrase(random)}${end}`;
  }
}

/** Text from which comments are cut: much cheaper than sentences for each of millions of rows. */
export class TextPool {
  private readonly text: string;

  constructor(random: Random, length: number) {
    const sentences: string[] = [];
    for (let size = 0; size < length; ) {
      const next = sentence(random);
      sentences.push(next);
      size += next.length + 1;
    }
    this.text = sentences.join(' ');
  }

  /** A comment of `low` to `high` characters, without spaces at its ends (COPY and char(n) would see them differently). */
  comment(random: Random, low: number, high: number): string {
    const length = random.between(low, high);
    const start = random.between(0, this.text.length - length);
    const cut = this.text.slice(start, start + length);
    return cut.startsWith(' ') || cut.endsWith(' ') ? cut.trim().padEnd(length, 'x') : cut;
  }
}

const ADDRESS_CHARACTERS = [...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,'];

export function address(random: Random): string {
  return Array.from({ length: random.between(10, 40) }, () => random.pick(ADDRESS_CHARACTERS)).join('');
}

export function phone(random: Random, nation: number): string {
  return `${nation + 10}-${random.between(100, 999)}-${random.between(100, 999)}-${random.between(1000, 9999)}`;
}

/** An amount in cents with its point: 12345 is 123.45. */
export function amount(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const DAY_MS = 86_400_000;

/** Days since 1970-01-01 as a date. */
export function dateText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

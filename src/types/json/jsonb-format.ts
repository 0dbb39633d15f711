/** jsonb nodes to text: the compact form of jsonb_out and the indented one of jsonb_pretty. */

import { TextParts } from '../../util/text-parts.js';
import { rememberedText } from '../remembered-texts.js';
import { isContainer, JsonbArray, type JsonbNode, JsonbObject, JsonNull } from './jsonb.js';

/** A JSON string literal. JSON.stringify escapes exactly what PostgreSQL escapes. */
export function quoteJson(text: string): string {
  return JSON.stringify(text);
}

/** As jsonb_out: `{"a": 1, "b": [1, 2]}`. */
export function formatJsonb(node: JsonbNode): string {
  switch (typeof node) {
    case 'string':
      return quoteJson(node);
    case 'number':
      return String(node);
    case 'boolean':
      return node ? 'true' : 'false';
  }
  if (node instanceof JsonbObject) {
    const { keys, values } = node;
    let text = rememberedText(node);
    if (text !== undefined) return text;
    text = '{';
    for (let i = 0; i < keys.length; i++)
      text += `${i === 0 ? '' : ', '}${quoteJson(keys[i])}: ${formatJsonb(values[i])}`;
    return `${text}}`;
  }
  if (node instanceof JsonbArray) {
    const { elements } = node;
    let text = rememberedText(node);
    if (text !== undefined) return text;
    text = '[';
    for (let i = 0; i < elements.length; i++)
      text += i === 0 ? formatJsonb(elements[i]) : `, ${formatJsonb(elements[i])}`;
    return `${text}]`;
  }
  return node instanceof JsonNull ? 'null' : node.toString();
}

/** Elements and characters (some of them counting as one element) that are written at once. */
const LARGE = 1000;
const CHARACTERS_PER_ELEMENT = 64;

/** Whether writing the node takes so long that it is better done in slices. */
export function isLargeJsonb(node: JsonbNode): boolean {
  return isContainer(node) && roomAfter(node, LARGE) < 0;
}

function roomAfter(node: JsonbNode, room: number): number {
  if (typeof node === 'string') return room - 1 - node.length / CHARACTERS_PER_ELEMENT;
  if (!isContainer(node)) return room - 1;
  let left = room - 1;
  const values = node instanceof JsonbObject ? node.values : node.elements;
  for (let i = 0; i < values.length && left >= 0; i++) left = roomAfter(values[i], left);
  return left;
}

type Container = JsonbObject | JsonbArray;

/** The text of a container, made step by step: a large one can be written a little at a time. */
export class JsonbFormatting {
  /** Containers that have begun, and how many of their elements are written. */
  private readonly open: { readonly node: Container; next: number }[];
  private readonly parts = new TextParts();
  /** The whole, when `advance` has said so. */
  text = '';

  constructor(node: Container) {
    this.open = [{ node, next: 0 }];
    this.parts.add(opening(node));
  }

  /** Goes on for so many elements; true at the end. */
  advance(steps: number): boolean {
    for (let step = 0; step < steps; step++) {
      const top = this.open[this.open.length - 1];
      const { node } = top;
      const isObject = node instanceof JsonbObject;
      const values = isObject ? node.values : node.elements;
      const at = top.next++;
      if (at >= values.length) {
        this.parts.add(isObject ? '}' : ']');
        this.open.pop();
        if (this.open.length > 0) continue;
        this.text = this.parts.text;
        return true;
      }
      if (at > 0) this.parts.add(', ');
      if (isObject) this.parts.add(`${quoteJson(node.keys[at])}: `);
      this.element(values[at]);
    }
    return false;
  }

  private element(value: JsonbNode): void {
    if (isContainer(value) && !isFlat(value)) {
      this.parts.add(opening(value));
      this.open.push({ node: value, next: 0 });
    } else this.parts.add(formatJsonb(value));
  }
}

/** Members of a container that is written in one step. */
const FEW = 16;

function isFlat(node: Container): boolean {
  const values = node instanceof JsonbObject ? node.values : node.elements;
  return values.length <= FEW && !values.some(isContainer);
}

const opening = (node: Container): string => (node instanceof JsonbObject ? '{' : '[');

/** As jsonb_pretty: one member or element a line, four spaces a level. */
export function prettyJsonb(node: JsonbNode, indent = ''): string {
  const inner = `${indent}    `;
  if (node instanceof JsonbObject) {
    const { keys, values } = node;
    const members = keys.map((key, i) => `${inner}${quoteJson(key)}: ${prettyJsonb(values[i], inner)}`);
    return members.length === 0 ? `{\n${indent}}` : `{\n${members.join(',\n')}\n${indent}}`;
  }
  if (node instanceof JsonbArray) {
    const elements = node.elements.map((element) => inner + prettyJsonb(element, inner));
    return elements.length === 0 ? `[\n${indent}]` : `[\n${elements.join(',\n')}\n${indent}]`;
  }
  return formatJsonb(node);
}

/** As the `->>` operators give it: strings bare, JSON null as SQL NULL, all else as text. */
export function jsonbToText(node: JsonbNode): string | null {
  if (typeof node === 'string') return node;
  if (node instanceof JsonNull) return null;
  return formatJsonb(node);
}

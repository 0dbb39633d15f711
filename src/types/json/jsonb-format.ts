/** jsonb nodes to text: the compact form of jsonb_out and the indented one of jsonb_pretty. */
import { JsonbArray, type JsonbNode, JsonbObject, JsonNull } from './jsonb.js';

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
    let text = '{';
    for (let i = 0; i < keys.length; i++)
      text += `${i === 0 ? '' : ', '}${quoteJson(keys[i])}: ${formatJsonb(values[i])}`;
    return `${text}}`;
  }
  if (node instanceof JsonbArray) {
    const { elements } = node;
    let text = '[';
    for (let i = 0; i < elements.length; i++)
      text += i === 0 ? formatJsonb(elements[i]) : `, ${formatJsonb(elements[i])}`;
    return `${text}]`;
  }
  return node instanceof JsonNull ? 'null' : node.toString();
}

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

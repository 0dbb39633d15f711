/** One view of a json text and of a jsonb node, for the code that turns JSON into SQL values. */

import { ARRAY_START, JsonReader, NULL, OBJECT_START, STRING } from '../../types/json/json-reader.js';
import { JSON_NULL, JsonbArray, type JsonbNode, JsonbObject } from '../../types/json/jsonb.js';
import { formatJsonb } from '../../types/json/jsonb-format.js';
import { parseJsonb } from '../../types/json/jsonb-parser.js';
import { type JsonPiece, jsonElements, jsonMembers } from './json-functions.js';

export type SourceKind = 'null' | 'string' | 'scalar' | 'array' | 'object';

export interface JsonSource {
  readonly kind: SourceKind;
  /** What an input function gets: a string's characters, of anything else its JSON text. */
  text(): string;
  /** As a value of type json. */
  json(): string;
  /** As a value of type jsonb. */
  node(): JsonbNode;
  elements(): JsonSource[];
  members(): Map<string, JsonSource>;
}

export class NodeSource implements JsonSource {
  readonly kind: SourceKind;

  constructor(private readonly value: JsonbNode) {
    if (value instanceof JsonbObject) this.kind = 'object';
    else if (value instanceof JsonbArray) this.kind = 'array';
    else if (value === JSON_NULL) this.kind = 'null';
    else this.kind = typeof value === 'string' ? 'string' : 'scalar';
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : formatJsonb(this.value);
  }

  json(): string {
    return formatJsonb(this.value);
  }

  node(): JsonbNode {
    return this.value;
  }

  elements(): JsonSource[] {
    return this.value instanceof JsonbArray ? this.value.elements.map((element) => new NodeSource(element)) : [];
  }

  members(): Map<string, JsonSource> {
    const result = new Map<string, JsonSource>();
    if (this.value instanceof JsonbObject) {
      for (let i = 0; i < this.value.keys.length; i++) {
        result.set(this.value.keys[i], new NodeSource(this.value.values[i]));
      }
    }
    return result;
  }
}

export class TextSource implements JsonSource {
  readonly kind: SourceKind;

  constructor(private readonly piece: JsonPiece) {
    if (piece.token === OBJECT_START) this.kind = 'object';
    else if (piece.token === ARRAY_START) this.kind = 'array';
    else if (piece.token === NULL) this.kind = 'null';
    else this.kind = piece.string === null ? 'scalar' : 'string';
  }

  /** REQUIRES: valid JSON text, as every json datum is. */
  static of(json: string): TextSource {
    const reader = new JsonReader(json, true);
    return new TextSource({
      text: json,
      token: reader.token,
      string: reader.token === STRING ? reader.stringValue() : null,
    });
  }

  text(): string {
    return this.piece.string ?? this.piece.text;
  }

  json(): string {
    return this.piece.text;
  }

  node(): JsonbNode {
    return parseJsonb(this.piece.text);
  }

  elements(): JsonSource[] {
    if (this.kind !== 'array') return [];
    return Array.from(jsonElements(new JsonReader(this.piece.text, true)), (piece) => new TextSource(piece));
  }

  members(): Map<string, JsonSource> {
    const result = new Map<string, JsonSource>();
    if (this.kind !== 'object') return result;
    for (const { key, value } of jsonMembers(new JsonReader(this.piece.text, true))) {
      result.set(key, new TextSource(value));
    }
    return result;
  }
}

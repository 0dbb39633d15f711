/**
 * Large syntax trees travel between threads in pieces, so that the receiver never works on one for long. Long lists and
 * long texts are cut out of the tree and follow by themselves; `TreeCutter` cuts, `TreeBuilder` puts together.
 */

/** Lists of more elements are sent in parts of so many. */
const LIST_PART = 256;
/** Texts of more units are sent beside the JSON: they need not be scanned for escapes. */
const LONG_TEXT = 16 * 1024;

type Path = readonly (string | number)[];
type JsonObject = { [key: string]: Json };
type Json = null | boolean | number | string | Json[] | JsonObject;

/** What stood at `path` of a piece: a text, or a list that follows under its number. */
interface Cut {
  readonly path: Path;
  readonly content: { readonly text: string } | { readonly list: number };
}

/** A part of list number `list`; the tree itself is the only element of list 0. */
export interface TreePiece {
  readonly list: number;
  /** The elements as JSON, `cuts` replaced by null. */
  readonly json: string;
  readonly cuts: readonly Cut[];
}

export class TreeCutter {
  private lists = 0;

  /** The pieces of a tree, which is taken apart by that. */
  *pieces(tree: Json): Generator<TreePiece> {
    const waiting: { list: number; elements: Json[] }[] = [{ list: 0, elements: [tree] }];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      for (let at = 0; at < next.elements.length; at += LIST_PART) {
        const part = next.elements.slice(at, at + LIST_PART);
        const cuts: Cut[] = [];
        this.cut(part, [], cuts, (elements) => {
          waiting.push({ list: ++this.lists, elements });
          return this.lists;
        });
        yield { list: next.list, json: JSON.stringify(part), cuts: cuts.map((cut) => shifted(cut, at)) };
      }
    }
  }

  private cut(value: Json[] | JsonObject, path: Path, cuts: Cut[], follow: (list: Json[]) => number): void {
    for (const [key, member] of entries(value)) {
      const at = [...path, key];
      const content = typeof member === 'string' ? longText(member) : this.longList(member, follow);
      if (content !== null) {
        cuts.push({ path: at, content });
        put(value, key, null);
      } else if (typeof member === 'object' && member !== null) this.cut(member, at, cuts, follow);
    }
  }

  private longList(member: Json, follow: (list: Json[]) => number): Cut['content'] | null {
    return Array.isArray(member) && member.length > LIST_PART ? { list: follow(member) } : null;
  }
}

function entries(value: Json[] | JsonObject): Iterable<[string | number, Json]> {
  return Array.isArray(value) ? value.entries() : Object.entries(value);
}

function longText(text: string): Cut['content'] | null {
  return text.length > LONG_TEXT ? { text } : null;
}

/** The first step of the path counts from the beginning of the list. */
function shifted(cut: Cut, by: number): Cut {
  const [first, ...rest] = cut.path;
  return by === 0 ? cut : { ...cut, path: [Number(first) + by, ...rest] };
}

function put(into: Json[] | JsonObject, key: string | number, value: Json): void {
  if (Array.isArray(into)) into[Number(key)] = value;
  else into[key] = value;
}

export class TreeBuilder {
  private readonly lists: Json[][] = [[]];

  /** Takes over a piece. Pieces come in the order in which they were made. */
  add(piece: TreePiece): void {
    const list = this.lists[piece.list];
    const elements: Json[] = JSON.parse(piece.json);
    for (const element of elements) list.push(element);
    for (const { path, content } of piece.cuts) {
      let value: Json;
      if ('text' in content) value = content.text;
      else {
        value = [];
        this.lists[content.list] = value;
      }
      let owner: Json = list;
      for (const step of path.slice(0, -1)) owner = member(owner, step);
      if (typeof owner === 'object' && owner !== null) put(owner, path[path.length - 1], value);
    }
  }

  /** The tree, when all pieces have come. */
  get tree(): unknown {
    return this.lists[0][0];
  }
}

function member(owner: Json, step: string | number): Json {
  if (Array.isArray(owner)) return owner[Number(step)];
  if (typeof owner === 'object' && owner !== null) return owner[step];
  throw new Error('a piece does not fit the tree');
}

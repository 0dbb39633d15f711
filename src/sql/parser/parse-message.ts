/** The messages between the thread that serves clients and the one that parses long texts (parse-worker.ts). */
import type { SentError } from '../../errors/sent-error.js';
import type { PackedPart } from './packed-rows.js';
import type { TreePiece } from './tree-pieces.js';

export interface ParseQuestion {
  /** A new text; without one, the next piece of what the last one gave is wanted. */
  readonly sql?: string;
}

export type ParseAnswer =
  | { readonly piece: TreePiece }
  /** The tree that comes is an INSERT with its first row; so many items a row, and which of them are DEFAULT everywhere. */
  | { readonly width: number; readonly allDefault: readonly boolean[] }
  | { readonly part: PackedPart }
  | { readonly done: true }
  | { readonly error: SentError }
  /** The parser has failed in a way that is none of the client's doing. */
  | { readonly fault: string };

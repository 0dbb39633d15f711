/** Items have to stay short; of a long one its beginning and a hash are kept. */
import { itemHash } from './item-hash.js';

/** Characters of an item that is kept as it is. */
const LONGEST = 128;
const KEPT = 64;

/** The item, shortened when it is long. Equal items stay equal; that different ones become equal costs a look at the row. */
export function shortItem(item: string): string {
  return item.length <= LONGEST ? item : item.slice(0, KEPT) + itemHash(item);
}

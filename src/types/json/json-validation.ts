/** The check that a long text is JSON, in slices: it accepts and reports what `validateJson` does. */
import { inSlices, type Task } from '../../util/task.js';
import { ARRAY_END, ARRAY_START, COMMA, JsonReader, OBJECT_END, OBJECT_START, STRING } from './json-reader.js';

/** Values that are passed in one step. */
const STEPS = 256;

/** Gives the text back. Throws 22P02 or 54001. */
export function* validateLongJson(text: string): Task<string> {
  const reader = new JsonReader(text, false);
  /** Containers that have begun: whether they are objects. */
  const open: boolean[] = [];
  yield* inSlices(() => {
    for (let step = 0; step < STEPS; step++) if (passValue(reader, open)) return true;
    return false;
  });
  reader.expectEnd();
  return text;
}

/** Passes a scalar, an empty container or the beginning of one, and what ends behind it; true at the end of all. */
function passValue(reader: JsonReader, open: boolean[]): boolean {
  if (reader.token === OBJECT_START) {
    reader.enter();
    if (reader.token === STRING) {
      reader.passKey();
      open.push(true);
      return false;
    }
    reader.leave(OBJECT_END, 'string or "}"');
  } else if (reader.token === ARRAY_START) {
    reader.enter();
    if (reader.token !== ARRAY_END) {
      open.push(false);
      return false;
    }
    reader.leave(ARRAY_END, '');
  } else reader.skipValue();
  while (open.length > 0) {
    const isObject = open[open.length - 1];
    if (reader.token === COMMA) {
      reader.next();
      if (isObject) reader.passKey();
      return false;
    }
    if (isObject) reader.leave(OBJECT_END, '"," or "}"');
    else reader.leave(ARRAY_END, '"," or "]"');
    open.pop();
  }
  return true;
}

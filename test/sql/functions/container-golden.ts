/** The shape of the golden file of container functions, shared by its recorder and its test. */

/** One call: function by prosrc and SQL name, arguments as text of the named types. */
export interface GoldenCall {
  prosrc: string;
  name: string;
  types: string[];
  args: (string | null)[];
}

/** What PostgreSQL answered: a text, the texts of a set, or an error. */
export type GoldenAnswer =
  | { value: string | null }
  | { rows: (string | null)[] }
  | { error: string; message: string; detail?: string; hint?: string };

/** All calls of one function with arguments of the same types. */
export interface GoldenFunction {
  prosrc: string;
  types: string[];
  /** Result type of a function that gives no set: one of the types that the test context knows. */
  resultType: string;
  set: boolean;
  strict: boolean;
  calls: [args: (string | null)[], answer: GoldenAnswer][];
}

export interface GoldenFile {
  functions: GoldenFunction[];
  /** Text input and output: what `text::type::text` gives. */
  inputs: [type: string, text: string, answer: GoldenAnswer][];
}

export function functionKey(call: { prosrc: string; types: readonly string[] }): string {
  return `${call.prosrc}(${call.types.join(',')})`;
}

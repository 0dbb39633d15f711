/** The shape of the golden file of text functions, shared by its recorder and its test. */

export type GoldenAnswer = { value: string | null } | { error: string; message: string };

export interface GoldenTextFile {
  functions: {
    prosrc: string;
    types: string[];
    result: string;
    calls: [args: string[], answer: GoldenAnswer][];
  }[];
}

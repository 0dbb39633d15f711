/** For the `default` of a switch over kinds: a kind without a case is a compile error. */
export function assertNever(value: never): never {
  throw new Error(`unexpected kind ${JSON.stringify(value)}`);
}

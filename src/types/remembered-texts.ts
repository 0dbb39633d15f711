/** Texts of large values that were made in advance, in slices; the codecs' `format` gives them where there are some. */

const texts = new Map<object, string>();

/** Has `format` give this text for the value, until `forgetTexts`. */
export function rememberText(value: object, text: string): void {
  texts.set(value, text);
}

export function rememberedText(value: object): string | undefined {
  return texts.size === 0 ? undefined : texts.get(value);
}

export function forgetTexts(): void {
  texts.clear();
}

/** Random choices that are the same for the same seed. */

export interface RandomChoices {
  /** 0 to `limit` - 1. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
}

export function randomFrom(seed: number): RandomChoices {
  let state = (seed * 2654435761) >>> 0;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * limit);
  };
  return { below, pick: (items) => items[below(items.length)] };
}

/** What was found out about texts, from call to call; bounded, and what is asked for again and again stays longest. */
export interface Kept<V> {
  get(text: string): V | undefined;
  set(text: string, value: V): void;
}

/**
 * Opens such a memory for at most twice so many texts: a generation that is full becomes the old one, whose texts move on
 * into the new one when they are asked for, and are forgotten else.
 */
export function openKept<V>(mostInGeneration: number): Kept<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  const set = (text: string, value: V): void => {
    if (young.size >= mostInGeneration) {
      old = young;
      young = new Map();
    }
    young.set(text, value);
  };
  return {
    get: (text) => {
      const known = young.get(text);
      if (known !== undefined) return known;
      const aged = old.get(text);
      if (aged !== undefined) set(text, aged);
      return aged;
    },
    set,
  };
}

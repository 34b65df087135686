/** The number at a place of a list; 0 where it has no such place. */
export const numberAt = (values: ArrayLike<number>, place: number): number => values[place] ?? 0;

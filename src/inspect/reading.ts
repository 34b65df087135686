import type { Content, Field } from './content/content.ts';

/** What the inspections of one call share, so that nothing is read or proven twice. */
export interface Reading {
  /** The body, once an inspection has read it. */
  content: Content | undefined;
  /**
   * Whether a contract has proven of a field that its text is of a form in which no attack fits (an integer, a uuid, a date,
   * a word of a closed list): it needs no search for attacks.
   */
  proven: (field: Pick<Field, 'in' | 'role' | 'name'>) => boolean;
}

/** A reading of which nothing is known yet. */
export const openReading = (): Reading => ({ content: undefined, proven: () => false });

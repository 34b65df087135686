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
  /** When whoever can stop must have stopped, by this thread's performance.now(). */
  readonly endMs: number;
}

const usualBudgetMs = 400;

/** A reading of which nothing is known yet; its time runs from now. */
export const openReading = (budgetMs = usualBudgetMs): Reading => ({
  content: undefined,
  proven: () => false,
  endMs: performance.now() + budgetMs,
});

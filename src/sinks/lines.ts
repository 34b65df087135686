/** What is written as one line. */
export interface Line {
  /** Without its end. */
  readonly line: string;
}

/** Lines one below the other, each ended. */
export const linesOf = (batch: readonly Line[]): string => batch.map(({ line }) => `${line}\n`).join('');

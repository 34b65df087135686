// Long enough that chance does not write a pattern.
const rows = /[\t-\r -~]{12,}/g;

/** The rows of printable characters among bytes that are no text, one a line. Nothing else is left, so that nothing is said of the bytes themselves. */
export const rowsOfText = (latin1: string): string => (latin1.match(rows) ?? []).join('\n').replaceAll(/[\v\f]/g, ' ');

// What can end a line or a field somewhere; a lone surrogate turns into U+FFFD on its way, and blanks at the ends get lost.
const unsound = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|^\s|\s$/u;

/** Whether a text arrives as it is when we set it as a header's value: one that would change or begin a line does not. */
export const isHeaderValue = (text: string): boolean => !unsound.test(text);

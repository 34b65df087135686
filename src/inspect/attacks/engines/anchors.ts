/** Which ends of a text a pattern asks for. */
interface Anchors {
  readonly start: boolean;
  readonly end: boolean;
}

/** What stands for itself in a pattern: a quotation, a class of characters, an escape of no anchor. */
const literal = /\\Q[\s\S]*?(?:\\E|$)|\[\^?\]?(?:\[:\^?[a-z]*:\]|\\[\s\S]|[^\]\\])*\]|\\[^AzZ]/g;

/** The anchors of a pattern in RE2 syntax. */
export function anchorsOf(pattern: string): Anchors {
  const left = pattern.replace(literal, '');
  return { start: /\^|\\A/.test(left), end: /\$|\\[zZ]/.test(left) };
}

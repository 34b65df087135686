const maxIdLength = 256;
// Unicode classes Cc, Zl and Zp: what ends a line or a field somewhere downstream.
const breaking = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/** Whether a text can be a role, a scope or a name: not empty, at most 256 characters, no control or line-breaking one. */
export const isPlainText = (text: unknown): text is string =>
  typeof text === 'string' && text !== '' && text.length <= maxIdLength && text.isWellFormed() && !breaking.test(text);

/** Whether a text can name a principal: plain, and the same after trimming, for a header's value is trimmed on its way. */
export const isPrincipalId = (text: unknown): text is string => isPlainText(text) && text.trim() === text;

import { type Prefix, parsePrefix } from './address.ts';
import type { BuildContext } from './build.ts';

/** What to say of a text that is neither an address nor a prefix. */
export const notPrefix = 'is not an IP address or prefix (the bits behind the length must be zero)';

/** The prefixes of a configured list; what is none is an issue at its index. */
export const readPrefixes = (texts: readonly string[], context: BuildContext): readonly Prefix[] =>
  texts.flatMap((text, index) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined) context.issue([index], `${JSON.stringify(text)} ${notPrefix}`);
    return prefix ?? [];
  });

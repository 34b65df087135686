import type { DocumentFormat } from './format.ts';
import { addText, linesOf, withoutComment } from './lines.ts';

/** An address, a prefix or a range of IPv4 a line; comments begin with # or ;. */
export const plain: DocumentFormat = {
  kind: 'document',
  refresh: '1h',
  read: (bytes, entries) => {
    for (const line of linesOf(bytes)) {
      const text = withoutComment(line);
      if (text !== '') addText(text, entries);
    }
    return undefined;
  },
};

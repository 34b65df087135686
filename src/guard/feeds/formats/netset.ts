import type { DocumentFormat } from './format.ts';
import { addText, linesOf, withoutComment } from './lines.ts';

// "# Entries : 4400 subnets, 611000000 unique IPs" of a netset, "# Entries : 900 unique IPs" of an ipset.
const stated = /^#\s*Entries\s*:\s*([\d,]+)\s+(?:subnets|unique IPs)/;

/** FireHOL's netset and ipset: as plain, and the comment before the list says how many entries follow, so that a part is no list. */
export const netset: DocumentFormat = {
  kind: 'document',
  refresh: '1h',
  read: (bytes, entries) => {
    let promised: number | undefined;
    let came = 0;
    for (const line of linesOf(bytes)) {
      const text = withoutComment(line);
      if (text !== '') {
        came += 1;
        addText(text, entries);
      } else if (promised === undefined && came === 0) {
        const count = stated.exec(line)?.[1];
        if (count !== undefined) promised = Number(count.replaceAll(',', ''));
      }
    }
    return promised !== undefined && came < promised ? `${came} of ${promised} entries came` : undefined;
  },
};

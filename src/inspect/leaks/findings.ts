import { createHmac } from 'node:crypto';
import type { Detail } from '../../core/verdict.ts';

/** What was found in one message: never a value. */
export interface LeakFindings {
  add(kind: string, action: string, value: Uint8Array, place: string): void;
  /** How many matches of kinds whose action is block. */
  blocked(): number;
  detail(): Detail;
}

const mostEvidence = 10;
const hashLetters = 16;

/** Opens an empty list; evidence is an HMAC-SHA-256 of what was found, cut to 16 hexadecimal digits. */
export function openFindings(evidenceKey: Uint8Array, shadow: boolean): LeakFindings {
  const counts = new Map<string, number>();
  const evidence: string[] = [];
  let blocked = 0;
  return {
    add: (kind, action, value, place) => {
      const name = `${kind}:${action}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (action === 'block') blocked += 1;
      if (evidence.length >= mostEvidence) return;
      const hash = createHmac('sha256', evidenceKey).update(value).digest('hex').slice(0, hashLetters);
      evidence.push(`${kind} ${place} ${hash}`);
    },
    blocked: () => blocked,
    detail: () =>
      counts.size === 0
        ? {}
        : {
            leaks: [...counts].map(([name, count]) => `${name}:${count}`),
            evidence,
            ...(shadow ? { 'leaks.shadow': true } : {}),
          },
  };
}

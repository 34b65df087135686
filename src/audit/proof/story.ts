import { isObject } from '../../core/json.ts';
import { member, ownFacts } from './link.ts';

/** What was written of one call, or of one of its messages, by its decision id. */
export interface Chapter {
  readonly file: string;
  readonly line: number;
  readonly event: Readonly<Record<string, unknown>>;
}

/** The event of a line that tells of a decision; undefined: it tells of another, or is no event. */
export function chapterOf(text: string, decisionId: string): Chapter['event'] | undefined {
  // Most lines are of others, and need not be parsed.
  if (!text.includes(decisionId)) return undefined;
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return undefined;
  }
  const own = ownFacts(event);
  const ids = member(member(own, 'flood'), 'decision_ids');
  const isIts = member(own, 'decision_id') === decisionId || (Array.isArray(ids) && ids.includes(decisionId));
  return isIts && isObject(event) ? event : undefined;
}

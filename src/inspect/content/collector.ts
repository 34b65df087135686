import type { ContentLimits, Field, Unreadable } from './content.ts';

const maxPointerLength = 256;
// What stands further down must not be taken for the ancestor itself: what is said of that one alone does not hold for it.
const cutMark = '/…';

/** Whether a pointer was cut short: its field stands somewhere below. */
export const isCut = (pointer: string): boolean => pointer.endsWith(cutMark);

/** The pointer (RFC 6901) of a member or an item; where it would be longer than 256 characters, that of an ancestor with "/…" behind it. */
export function below(pointer: string, segment: string | number): string {
  if (isCut(pointer)) return pointer;
  const escaped = typeof segment === 'number' ? segment : segment.replaceAll('~', '~0').replaceAll('/', '~1');
  const longer = `${pointer}/${escaped}`;
  return longer.length > maxPointerLength - cutMark.length ? pointer + cutMark : longer;
}

/** A body that is not of its format; pointer: where, as far as that is known. */
export const malformed = (problem: string, pointer = ''): Unreadable => ({
  ok: false,
  excess: false,
  problem,
  pointer,
});

/** A body that exceeds a bound. */
export const excessive = (problem: string, pointer = ''): Unreadable => ({ ok: false, excess: true, problem, pointer });

/** Takes the texts of a body, up to a bound. */
export interface Collector {
  readonly fields: readonly Field[];
  /** False: one more text than the bound. */
  readonly add: (role: Field['role'], name: string, text: string) => boolean;
}

/** Opens a collector for one body. */
export function collect({ maxFields }: Pick<ContentLimits, 'maxFields'>): Collector {
  const fields: Field[] = [];
  return {
    fields,
    add(role, name, text) {
      if (fields.length >= maxFields) return false;
      fields.push({ in: 'body', role, name, text });
      return true;
    },
  };
}

import { hash } from 'node:crypto';

/** Values up to this length stand in a key as they are. */
const longest = 48;
const harmless = /^[\x21-\x7e]*$/;

/**
 * One part of a counter's key. Injective: its length comes first, what is long or odd becomes its SHA-256, and an absent
 * value (`-`) is no value at all.
 */
export function keyPart(value: string | undefined): string {
  if (value === undefined) return '-';
  return value.length <= longest && harmless.test(value) ? `${value.length}:${value}` : hashedPart(value);
}

/** A part that shows nothing of its value. */
export const hashedPart = (value: string): string => `h${hash('sha256', value, 'base64url')}`;

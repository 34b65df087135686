import type { HeaderMap } from '../../core/attributes.ts';
import { cookiesOf } from '../../core/cookie.ts';
import type { HeaderMutation } from '../../core/decision.ts';

/** What stands under the name of a cookie that may be split over several. */
type PresentedCookie =
  | { readonly kind: 'absent' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'text'; readonly text: string };

/** How a browser sends a cookie along with requests that other sites cause (RFC 6265bis section 4.1.2.7). */
export type SameSite = 'Lax' | 'Strict';

// Browsers take 4096 bytes of name and value.
const partLength = 3800;
const mostParts = 5;

const none: readonly string[] = [];
const partName = (name: string, index: number): string => (index === 0 ? name : `${name}.${index}`);
const indexes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** A part of a cookie as a request carries it: 0 is the first. */
interface Part {
  readonly index: number;
  /** More than one where it was sent more than once. */
  readonly values: readonly string[];
}

function partsOf(headers: HeaderMap, name: string): readonly Part[] {
  const cookies = cookiesOf(headers);
  if (cookies.size === 0) return [];
  return indexes.flatMap((index) => {
    const values = cookies.get(partName(name, index)) ?? none;
    return values.length === 0 ? [] : [{ index, values }];
  });
}

/** Whether a cookie of that name, or a part of one, is there. */
export const hasCookie = (headers: HeaderMap, name: string): boolean => partsOf(headers, name).length > 0;

/** Reads a cookie: the first part says how many there are, and each stands exactly once. */
export function readCookie(headers: HeaderMap, name: string): PresentedCookie {
  const parts = partsOf(headers, name);
  if (parts.length === 0) return { kind: 'absent' };
  const first = only(parts, 0) ?? '';
  const count = /^[1-9]\./.test(first) ? Number(first[0]) : 0;
  if (count < 1 || count > mostParts) return { kind: 'malformed' };
  let text = first.slice(2);
  for (let index = 1; index < count; index += 1) {
    const part = only(parts, index);
    if (part === undefined) return { kind: 'malformed' };
    text += part;
  }
  return { kind: 'text', text };
}

/** The value of a part; undefined when there is none, or more than one. */
function only(parts: readonly Part[], index: number): string | undefined {
  const values = parts.find((part) => part.index === index)?.values ?? none;
  return values.length > 1 ? undefined : values[0];
}

/** The Set-Cookie lines of a text, in as many parts as it takes; undefined when it is too long. Parts of before are dropped. */
export function writeCookie(
  name: string,
  text: string,
  sameSite: SameSite,
  headers: HeaderMap,
): readonly HeaderMutation[] | undefined {
  const count = Math.ceil((text.length + 2) / partLength);
  if (count > mostParts) return undefined;
  const whole = `${count}.${text}`;
  const parts = Array.from({ length: count }, (_, index) => whole.slice(index * partLength, (index + 1) * partLength));
  const names = new Set(parts.map((_, index) => partName(name, index)));
  return [
    ...parts.map((part, index) => setCookie(partName(name, index), part, `; SameSite=${sameSite}`)),
    ...namesOf(headers, name)
      .filter((one) => !names.has(one))
      .map(dropCookie),
  ];
}

/** The Set-Cookie lines that take away whatever a request carries of a cookie. */
export const clearCookie = (name: string, headers: HeaderMap): readonly HeaderMutation[] =>
  namesOf(headers, name).map(dropCookie);

const namesOf = (headers: HeaderMap, name: string): readonly string[] =>
  partsOf(headers, name).map(({ index }) => partName(name, index));

/** A cookie that outlives the visit to the provider, in one part. */
export const setShortCookie = (name: string, value: string, lifeMs: number): HeaderMutation =>
  // Lax, for the way back from the provider is a navigation that another site caused.
  setCookie(name, value, `; Max-Age=${Math.ceil(lifeMs / 1000)}; SameSite=Lax`);

/** Takes a single cookie away. */
export const dropCookie = (name: string): HeaderMutation => setCookie(name, '', '; Max-Age=0; SameSite=Lax');

// What the prefix __Host- demands (RFC 6265bis section 4.1.3.2), and out of reach for scripts.
const setCookie = (name: string, value: string, rest: string): HeaderMutation => ({
  name: 'set-cookie',
  value: `${name}=${value}; Path=/; Secure; HttpOnly${rest}`,
  append: true,
});

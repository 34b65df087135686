import type { Path } from './build.ts';

/** Where a JSON pointer (RFC 6901) leads: names of members, and numbers where the document has lists. */
export function pathOfPointer(pointer: string, document: unknown): Path {
  const path: (string | number)[] = [];
  let value = document;
  for (const segment of pointer.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(name) : name);
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  }
  return path;
}

import { isObject } from '../../core/json.ts';

/** Reads an OCSF event by paths like `http_request.url.path` or `evidences.0.user`: what is not there, or masked away, is undefined. */
export interface EventReader {
  raw(path: string): unknown;
  text(path: string): string | undefined;
  number(path: string): number | undefined;
}

/** A reader of an event. */
export function readEvent(event: object): EventReader {
  const raw = (path: string): unknown => {
    let value: unknown = event;
    for (const name of path.split('.')) {
      if (Array.isArray(value)) {
        value = value[Number(name)];
        continue;
      }
      if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
      value = value[name];
    }
    return value;
  };
  return {
    raw,
    text: (path) => {
      const value = raw(path);
      return typeof value === 'string' ? value : undefined;
    },
    number: (path) => {
      const value = raw(path);
      return typeof value === 'number' ? value : undefined;
    },
  };
}

/** Why something was not done, as a stable code; ok for an allow. */
export const reasonOf = (read: EventReader): string | undefined =>
  read.text('unmapped.portcullis.reason') ?? read.text('status_detail');

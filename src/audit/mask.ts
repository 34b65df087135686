import type { BuildContext, JsonSchema } from '../core/build.ts';
import { isObject } from '../core/json.ts';
import { openReader } from '../core/options.ts';

const pointers = (description: string): JsonSchema => ({
  type: 'array',
  description,
  minItems: 1,
  uniqueItems: true,
  items: { type: 'string', minLength: 2 },
});

/** The schema of a sink's `mask`. */
export const maskSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'What this sink does not get to see of an OCSF event, before it is encoded. Each event lists what was taken in unmapped.portcullis.erased and .masked. Default: nothing.',
  additionalProperties: false,
  properties: {
    erase: pointers(
      'JSON pointers (RFC 6901) of members that are left out, like /http_request/user_agent. Default: none.',
    ),
    replace: pointers('JSON pointers of values that become ***, like /src_endpoint/ip. Default: none.'),
  },
});

const stars = '***';
// By these an event is told from others, found again and proven.
const kept: readonly string[] = [
  '/metadata',
  '/category_uid',
  '/class_uid',
  '/activity_id',
  '/type_uid',
  '/severity_id',
  '/time',
  '/unmapped/portcullis/decision_id',
  '/unmapped/portcullis/gap',
  '/unmapped/portcullis/checkpoint',
  '/unmapped/portcullis/chain',
];
const touches = (pointer: string, place: string): boolean =>
  pointer === place || pointer.startsWith(`${place}/`) || place.startsWith(`${pointer}/`);

type Segments = readonly string[];
interface Place {
  readonly pointer: string;
  readonly segments: Segments;
}

/** Compiles a mask; undefined where there is none. What is wrong is an issue. */
export function buildMask(value: unknown, context: BuildContext): ((event: object) => object) | undefined {
  if (value === undefined) return undefined;
  const reader = openReader(value, context.issue);
  const read = (name: 'erase' | 'replace'): readonly Place[] =>
    reader.texts(name, []).map((pointer, index) => {
      const fault = faultOf(pointer);
      if (fault !== undefined) context.issue([name, index], fault);
      const segments = pointer.slice(1).split('/');
      return { pointer, segments: segments.map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~')) };
    });
  const erase = read('erase');
  const replace = read('replace');
  return (event) => {
    const erased = erase.filter(({ segments }) => take(event, segments, undefined)).map(({ pointer }) => pointer);
    const masked = replace.filter(({ segments }) => take(event, segments, stars)).map(({ pointer }) => pointer);
    return erased.length + masked.length === 0 ? event : tell(event, erased, masked);
  };
}

function faultOf(pointer: string): string | undefined {
  if (!/^(?:\/(?:[^~/]|~[01])+)+$/.test(pointer)) return 'must be a JSON pointer, like /src_endpoint/ip';
  const needed = kept.find((place) => touches(pointer, place));
  return needed === undefined ? undefined : `must leave ${needed} as it is`;
}

/** Takes the value at a place away, or puts another one there; whether there was one. */
function take(event: object, segments: Segments, instead: string | undefined): boolean {
  const last = segments.at(-1) ?? '';
  let holder: unknown = event;
  for (const name of segments.slice(0, -1)) {
    if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) return false;
    holder = Reflect.get(holder, name);
  }
  if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, last)) return false;
  if (instead !== undefined) return Reflect.set(holder, last, instead);
  // What is left of a list keeps its places.
  return Array.isArray(holder) ? Reflect.set(holder, last, null) : Reflect.deleteProperty(holder, last);
}

function tell(event: object, erased: readonly string[], masked: readonly string[]): object {
  const unmapped: unknown = Reflect.get(event, 'unmapped');
  const facts = isObject(unmapped) ? unmapped['portcullis'] : undefined;
  if (isObject(facts)) {
    if (erased.length > 0) Reflect.set(facts, 'erased', erased);
    if (masked.length > 0) Reflect.set(facts, 'masked', masked);
  }
  return event;
}

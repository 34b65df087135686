import type { Content, Field } from '../../content/content.ts';
import type { Reading } from '../../reading.ts';
import { readingsOf } from './readings.ts';

/** One member of a collection. */
export interface Item {
  /** Its name, as rules select it, in lower case. */
  readonly name: string;
  /** Where it stands, in the words of the config: query.q, header.referer, body/comment#name. */
  readonly place: string;
  /** The text, and what else it may be read as. */
  readonly readings: readonly string[];
  /** A contract has proven that no attack fits in. */
  readonly proven: boolean;
  /** It is what others say together (see joined): looked at, but neither counted nor measured. */
  readonly together?: true;
}

const roleMarks: Readonly<Record<Field['role'], string>> = {
  value: '',
  name: '#name',
  file_name: '#file_name',
  part_header: '#header',
  token: '#name',
};

/** The place of a text as config and findings write it. */
const placeOf = ({ in: where, role, name }: Field): string => {
  if (where === 'path') return 'path';
  return where === 'body' ? `body${name}${roleMarks[role]}` : `${where}.${name}${roleMarks[role]}`;
};

const unescaped = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~');

/** The name by which rules select a text of a body: a form's own, of JSON the way as json.a.b. */
function bodyName({ name }: Field, format: Content['format']): string {
  const segments = name.split('/').slice(1).map(unescaped);
  const flat = format === 'form' || format === 'multipart';
  return (flat ? (segments[0] ?? '') : ['json', ...segments].join('.')).toLowerCase();
}

// How many layers of percent-encoding are looked through besides the one that the format has by itself.
const layersOf = ({ in: where }: Field, format: Content['format'] | undefined): number =>
  where === 'query' || where === 'path' || (where === 'body' && format === 'form') ? 1 : 2;

// Headers and cookies carry addresses within addresses: they are looked through, but not refused for it.
const countsLayers = ({ in: where }: Field): boolean => where !== 'header' && where !== 'cookie';

/** A field and the item that it is, made once whichever collections it stands in. */
export interface Entry {
  readonly field: Field;
  readonly item: Item;
}

/** Repeated names as readers join them, who put a comma between the values. */
export function joined(entries: readonly Entry[]): readonly Item[] {
  const lists = new Map<string, Entry[]>();
  for (const entry of entries) {
    const list = lists.get(entry.item.place);
    if (list === undefined) lists.set(entry.item.place, [entry]);
    else list.push(entry);
  }
  if (lists.size === entries.length) return [];
  return [...lists.values()].flatMap(([first, ...rest]): readonly Item[] => {
    if (first === undefined || rest.length === 0) return [];
    const text = [first, ...rest].map(({ field }) => field.text).join(',');
    return [{ ...first.item, readings: [text], together: true }];
  });
}

/** Makes the items of fields. onExcessive hears where a text is encoded in too many layers. */
export function itemMaker(
  format: Content['format'] | undefined,
  proven: Reading['proven'],
  onExcessive: (place: string) => void,
): (field: Field) => Entry {
  return (field) => {
    const place = placeOf(field);
    const { texts, excessive } = readingsOf(field.text, layersOf(field, format));
    if (excessive && countsLayers(field)) onExcessive(place);
    const name = field.in === 'body' ? bodyName(field, format ?? 'text') : field.name.toLowerCase();
    return { field, item: { name, place, readings: texts, proven: proven(field) } };
  };
}

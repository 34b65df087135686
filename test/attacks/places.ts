import type { Asked, Item } from './corpus.ts';
import { guarded, type RequestOf } from './judge.ts';

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

// One line of what a byte can hold, as HTTP lets a header have it: no other text ever arrives in one.
const fitsHeader = (text: string): boolean => /^[\t\x20-\x7e\xa0-\xff]+$/.test(text);
const post = (type: string, body: string): RequestOf => ({ method: 'POST', headers: { 'content-type': type }, body });

/** Where in a request an attack may stand, and the request around it; undefined where the text cannot stand there. */
const places = {
  query: (text) => ({ query: `page=2&q=${encoded(text)}&sort=name` }),
  'query name': (text) => ({ query: `page=2&${encoded(text)}=1` }),
  form: (text) => post('application/x-www-form-urlencoded', `id=7&note=${encoded(text)}&send=1`),
  json: (text) => post('application/json', JSON.stringify({ id: 7, tags: ['a'], note: text.toWellFormed() })),
  'json name': (text) => post('application/json', JSON.stringify({ id: 7, [text.toWellFormed()]: 'a' })),
  multipart: (text) =>
    post(
      'multipart/form-data; boundary=xyz7',
      `--xyz7\r\nContent-Disposition: form-data; name="note"\r\n\r\n${text.toWellFormed()}\r\n--xyz7--\r\n`,
    ),
  path: (text) => ({ path: `/files/${encoded(text)}` }),
  cookie: (text) => ({ headers: { cookie: `lang=en; note=${encoded(text)}` } }),
  referer: (text) => ({ headers: { referer: `https://shop.example.com/search?q=${encoded(text)}` } }),
  'user-agent': (text) => (fitsHeader(text) ? { headers: { 'user-agent': text } } : undefined),
  'own header': (text) => (fitsHeader(text) ? { headers: { 'x-note': text } } : undefined),
} as const satisfies Record<string, (text: string) => RequestOf | undefined>;

type Place = keyof typeof places;

const values: readonly Place[] = ['query', 'form', 'json', 'multipart', 'cookie'];

/** Classes of attacks that come in some places alone: the others come in all. */
const usual: Readonly<Record<string, readonly Place[]>> = {
  path_traversal: [...values, 'path'],
  file_inclusion: [...values, 'path'],
  ssrf: values,
  xxe: ['query', 'form', 'json', 'multipart'],
  scanner: ['user-agent'],
  protocol: ['query', 'query name', 'form', 'path', 'cookie'],
};

const isPlace = (name: string): name is Place => Object.hasOwn(places, name);

/** A text in every place of a request in which such an attack comes, each a request of its own, the query first. */
export function everywhere({ kind, text }: Item): readonly Asked[] {
  const wanted = usual[kind] ?? Object.keys(places).filter(isPlace);
  return wanted.flatMap((place): readonly Asked[] => {
    const made = places[place](text);
    return made === undefined ? [] : [{ kind, title: text, place, ...guarded(made) }];
  });
}

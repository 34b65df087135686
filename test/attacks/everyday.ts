import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Asked, linesOf, numberOf } from './corpus.ts';
import { guarded, type RequestOf } from './judge.ts';
import { type Fillers, filled, forHeader, requestOf, type Shape } from './ordinary.ts';

const folder = join(import.meta.dirname, 'everyday');
const textsOf = (name: string): readonly string[] => linesOf(folder, `${name}.txt`);

const fillers: Fillers = new Map(
  ['search', 'person', 'address', 'file', 'chat', 'agent'].map((name) => [name, textsOf(name)]),
);
const senders: Fillers = new Map(['agent', 'cookie', 'referer'].map((name) => [name, textsOf(name)]));

/** Files of shapes, and how often each shape comes, every time with other texts. */
const shapes = { json: 6, forms: 5, uploads: 6 } as const;

/** The same for lines of targets.txt that have slots; the others come once. */
const targetFillings = 9;

/** Where the long texts of some files are posted: each in one of these. */
const posted: Readonly<Record<'rich' | 'developer', readonly Shape[]>> = {
  rich: [
    { method: 'PUT', path: '/api/pages/12', json: { title: '{search}', html: '{rich}', published: true } },
    { path: '/admin/pages/3', form: { title: '{search}', content: '{rich}', save: '1' } },
    {
      path: '/newsletter/drafts',
      multipart: [
        { name: 'subject', value: '{search}' },
        { name: 'body', value: '{rich}' },
      ],
    },
  ],
  developer: [
    { path: '/api/issues', json: { title: '{search}', body: '{developer}', labels: ['bug'] } },
    { path: '/api/chat/rooms/7/messages', json: { text: '{developer}', user: '{person}' } },
    { path: '/support/new', form: { name: '{person}', subject: '{search}', message: '{developer}' } },
    { path: '/questions/ask', form: { title: '{search}', body: '{chat}\n\n{developer}', tags: 'help' } },
  ],
};

/** A line of targets.txt, encoded as a browser does with what is typed into it. */
function visited(line: string, number: number): RequestOf {
  const spaces = number % 2 === 0 ? '+' : '%20';
  const encoded = new Map(
    [...fillers].map(([name, texts]) => [
      name,
      texts.map((text) => encodeURIComponent(text).replaceAll('%20', spaces)),
    ]),
  );
  const { pathname, search } = new URL(filled({ path: line }, number, encoded).path, 'https://shop.example.com');
  return { path: pathname, query: search.slice(1) };
}

function shapesOf(file: string): readonly Shape[] {
  const lines = readFileSync(join(folder, `${file}.jsonl`), 'utf8').split('\n');
  // The file's own form.
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Shape);
}

const times = <Made>(count: number, make: (number: number) => Made): readonly Made[] =>
  Array.from({ length: count }, (_, number) => make(number));

/** Who sends a request: a browser with its cookies and where it comes from, or some other client without. */
function sent(kind: string, request: RequestOf): Asked {
  const title = JSON.stringify(request);
  const pick = (name: string): string => {
    const texts = senders.get(name) ?? [];
    return forHeader(texts[numberOf(`${name} ${kind} ${title}`) % texts.length] ?? '');
  };
  const agent = pick('agent');
  const isBrowser = agent.startsWith('Mozilla/') && !agent.includes('compatible;');
  const browsing = isBrowser ? { cookie: pick('cookie'), referer: pick('referer') } : {};
  const headers = { 'user-agent': agent, ...browsing, ...request.headers };
  return { kind, title, ...guarded({ ...request, headers }) };
}

const post = (shape: Shape, number: number, texts: Fillers): RequestOf =>
  requestOf(filled({ method: 'POST', ...shape }, number, texts));

/** What comes on an ordinary day, in about the shares in which it does: mostly pages, APIs, forms and uploads. */
export function everydayRequests(): readonly Asked[] {
  const made: readonly (readonly [string, RequestOf])[] = [
    ...textsOf('targets').flatMap((line) => times(targetFillings, (number) => ['get', visited(line, number)] as const)),
    ...Object.entries(shapes).flatMap(([file, count]) =>
      shapesOf(file).flatMap((shape) => times(count, (number) => [file, post(shape, number, fillers)] as const)),
    ),
    ...Object.entries(posted).flatMap(([kind, places]) =>
      textsOf(kind).map((text) => {
        const place = places[numberOf(text) % places.length] ?? { path: '/' };
        return [kind, post(place, 0, new Map([...fillers, [kind, [text]]]))] as const;
      }),
    ),
  ];
  const once = new Map(made.map((one) => [JSON.stringify(one), one]));
  return [...once.values()].map(([kind, request]) => sent(kind, request));
}

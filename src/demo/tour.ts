import type { HttpAnswer } from './http-answer.ts';
import { type GatewayRequest, send } from './https.ts';
import { openPlainBrowser } from './plain-browser.ts';
import type { Account } from './provider/accounts.ts';

/** What a step of the tour presents. */
type TourCredential =
  | { readonly token: Account }
  /** The account's token with another payload below the same signature. */
  | { readonly forged: Account }
  /** A session that begins with a login in the browser. */
  | { readonly login: Account }
  | 'key';

type HeaderCredential = Exclude<TourCredential, { readonly login: Account }>;

/** One step of the guided tour. */
export interface TourStep {
  readonly title: string;
  readonly method?: 'POST';
  readonly path: string;
  readonly credential?: TourCredential;
  /** JSON text. */
  readonly body?: string;
  /** The statuses, one for each time that the request is sent. */
  readonly expected: readonly number[];
  /** What stands in the body of every answer. */
  readonly shows?: string;
}

/** The guided tour, in its order. */
export const tour: readonly TourStep[] = Object.freeze([
  { title: 'no token', path: '/orders', expected: [401] },
  { title: 'bob reads', path: '/orders/1', credential: { token: 'bob' }, expected: [200] },
  {
    title: 'bob may not write',
    method: 'POST',
    path: '/orders',
    credential: { token: 'bob' },
    body: '{"item": "sofa", "quantity": 1}',
    expected: [403],
  },
  {
    title: 'alice writes',
    method: 'POST',
    path: '/orders',
    credential: { token: 'alice' },
    body: '{"item": "sofa", "quantity": 1}',
    expected: [201],
  },
  {
    title: 'a bad payload',
    method: 'POST',
    path: '/orders',
    credential: { token: 'alice' },
    body: '{"item": "sofa", "quantity": 0}',
    expected: [422],
  },
  { title: 'an attack', path: "/shop/products?q=x'%20OR%201=1--", expected: [403] },
  {
    title: 'a broken contract',
    method: 'POST',
    path: '/shop/products/1/reviews',
    body: '{"rating": 6, "text": "Bright!"}',
    expected: [422],
    shows: '"pointer":"/rating","keyword":"maximum"',
  },
  {
    title: 'markup in a review',
    method: 'POST',
    path: '/shop/products/1/reviews',
    body: '{"rating": 5, "text": "Bright, <b>really</b>"}',
    expected: [201],
    shows: '&lt;b&gt;really&lt;/b&gt;',
  },
  {
    title: 'a card number',
    path: '/shop/receipts/1',
    credential: { token: 'bob' },
    expected: [200],
    shows: '**** **** **** 1111',
  },
  { title: 'a path trick', path: '//orders/1', credential: { token: 'bob' }, expected: [400] },
  { title: 'a forged token', path: '/orders/1', credential: { forged: 'bob' }, expected: [401] },
  { title: 'the limit is hit', path: '/reports', credential: 'key', expected: [200, 200, 200, 200, 200, 429] },
  { title: 'an API key', path: '/echo', credential: 'key', expected: [200] },
  { title: 'alice logs in', path: '/account', credential: { login: 'alice' }, expected: [200] },
] as const satisfies readonly TourStep[]);

// {"sub":"carol"}: whoever holds a token of bob's would like to be an admin.
const forgedPayload = Buffer.from('{"sub":"carol"}').toString('base64url');

/** How a step looks as a line for the shell, pasted where the project is. */
export function curlLine(step: TourStep, httpsPort: number, caFile: string): string {
  const { method, path, credential, body, expected } = step;
  if (typeof credential === 'object' && 'login' in credential) {
    return `open https://localhost:${httpsPort}${path} in a browser, and pick ${credential.login} (the certificate is vouched for by ${caFile})`;
  }
  const parts = [
    expected.length > 1 ? "curl -s -o /dev/null -w '%{http_code}\\n'" : 'curl -s -i',
    `--cacert ${caFile}`,
    ...(path.startsWith('//') ? ['--path-as-is'] : []),
    ...(method === undefined ? [] : [`-X ${method}`]),
    ...(credential === undefined ? [] : [`-H "${headerForShell(credential)}"`]),
    ...(body === undefined ? [] : ["-H 'content-type: application/json'", `-d '${body}'`]),
    quoted(`https://localhost:${httpsPort}${path}`),
  ];
  const line = parts.join(' ');
  return expected.length > 1 ? `for i in $(seq ${expected.length}); do ${line}; done` : line;
}

/** A word that the shell leaves as it is. */
const quoted = (word: string): string => (/[?'&]/.test(word) ? `"${word}"` : word);

function headerForShell(credential: HeaderCredential): string {
  if (credential === 'key') return 'x-api-key: $(npm run -s demo -- key)';
  if ('token' in credential) return `authorization: Bearer $(npm run -s demo -- token ${credential.token})`;
  const swap = `sed 's/[.].*[.]/.${forgedPayload}./'`;
  return `authorization: Bearer $(npm run -s demo -- token ${credential.forged} | ${swap})`;
}

/** What the answers of a step lack; undefined: they are what it expects. */
export function faultOf({ expected, shows = '' }: TourStep, answers: readonly HttpAnswer[]): string | undefined {
  const statuses = answers.map(({ status }) => status).join(' ');
  if (statuses !== expected.join(' ')) return statuses;
  return answers.every(({ body }) => body.includes(shows)) ? undefined : `${statuses} without ${shows}`;
}

/** What the tour needs of a gateway. */
interface TourGateway {
  readonly ports: { readonly https: number };
  readonly pki: { readonly ca: string };
  readonly key: string;
  token(account: Account): Promise<string>;
}

/** Sends the step's requests one after the other. Rejects when an answer does not come at all. */
export async function takeStep(step: TourStep, gateway: TourGateway): Promise<readonly HttpAnswer[]> {
  const { method, path, body, credential } = step;
  if (typeof credential === 'object' && 'login' in credential) return [await logIn(path, credential.login, gateway)];
  const headers = {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(await headersFor(credential, gateway)),
  };
  const request: GatewayRequest = {
    path,
    headers,
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
  };
  const answers: HttpAnswer[] = [];
  for (const _ of step.expected) answers.push(await send(gateway.ports.https, gateway.pki.ca, request));
  return answers;
}

/** Asks for a page, picks the account on the login page of the provider, and ends where that leads. */
async function logIn(path: string, account: Account, { ports, pki }: TourGateway): Promise<HttpAnswer> {
  const browser = openPlainBrowser(pki.ca);
  const login = await browser.visit(`https://localhost:${ports.https}${path}`);
  return browser.submit(login, { account });
}

async function headersFor(credential: HeaderCredential | undefined, gateway: TourGateway) {
  if (credential === undefined) return {};
  if (credential === 'key') return { 'x-api-key': gateway.key };
  if ('token' in credential) return { authorization: `Bearer ${await gateway.token(credential.token)}` };
  const token = await gateway.token(credential.forged);
  return { authorization: `Bearer ${token.replace(/[.].*[.]/, `.${forgedPayload}.`)}` };
}

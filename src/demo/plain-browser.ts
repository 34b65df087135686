import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { answerTo, type HttpAnswer } from './http-answer.ts';

/** Where a visit ended. */
interface VisitedPage extends HttpAnswer {
  readonly url: URL;
}

/** A browser without a window and without scripts: it keeps cookies, follows redirects and sends forms. */
interface PlainBrowser {
  /** As if a person typed the address. */
  visit(url: string): Promise<VisitedPage>;
  /** Sends the first form of a page, its hidden fields too, as if a person had filled in the others. */
  submit(page: VisitedPage, fields: Readonly<Record<string, string>>): Promise<VisitedPage>;
}

interface Step {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly body?: string;
  /** Where the request comes from; undefined: from the person. */
  readonly from: URL | undefined;
}

const mostRedirects = 20;

/** Opens a browser that trusts the authority; it is gone when nobody holds it any more. */
export function openPlainBrowser(ca: string): PlainBrowser {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = ({ host }: URL): Map<string, string> => {
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };
  const take = async (step: Step): Promise<HttpAnswer> => {
    const jar = jarOf(step.url);
    const answer = await send(step, [...jar].map(([name, value]) => `${name}=${value}`).join('; '), ca);
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
      if (/;\s*(max-age=0|expires=[^;]* 1970 )/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  };
  const follow = async (first: Step): Promise<VisitedPage> => {
    let step = first;
    for (let count = 0; count <= mostRedirects; count += 1) {
      const answer = await take(step);
      const { location } = answer.headers;
      if (location === undefined || answer.status < 300 || answer.status > 399) return { ...answer, url: step.url };
      step = { method: 'GET', url: new URL(location, step.url), from: step.from ?? step.url };
    }
    throw new Error(`${first.url.href} redirects without end`);
  };
  return {
    visit: (url) => follow({ method: 'GET', url: new URL(url), from: undefined }),
    submit: (page, fields) => {
      const { action, hidden } = formOf(page.body);
      const body = new URLSearchParams({ ...hidden, ...fields }).toString();
      return follow({ method: 'POST', url: new URL(action, page.url), body, from: page.url });
    },
  };
}

function send({ method, url, body, from }: Step, cookies: string, ca: string): Promise<HttpAnswer> {
  const site = from === undefined ? 'none' : from.origin === url.origin ? 'same-origin' : 'cross-site';
  const headers = {
    accept: 'text/html',
    'sec-fetch-site': site,
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    ...(cookies === '' ? {} : { cookie: cookies }),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) }),
    ...(method === 'POST' && from !== undefined ? { origin: from.origin } : {}),
  };
  const options = { method, headers, agent: false, timeout: 30_000 };
  return answerTo(url.protocol === 'https:' ? requestHttps(url, { ...options, ca }) : requestHttp(url, options), body);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const plain = (text: string): string => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name] ?? '');
const attribute = (tag: string, name: string): string | undefined => {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : plain(value);
};

function formOf(html: string): { readonly action: string; readonly hidden: Readonly<Record<string, string>> } {
  const [form, tag = ''] = /(<form\b[^>]*>)[\s\S]*?<\/form>/.exec(html) ?? [];
  const action = attribute(tag, 'action');
  if (form === undefined || action === undefined)
    throw new Error(`there is no form on the page: ${html.slice(0, 500)}`);
  const inputs = (form.match(/<input\b[^>]*>/g) ?? []).filter((input) => attribute(input, 'type') === 'hidden');
  return {
    action,
    hidden: Object.fromEntries(
      inputs.map((input) => [attribute(input, 'name') ?? '', attribute(input, 'value') ?? '']),
    ),
  };
}

import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isObject, own } from '../core/json.ts';
import { parseListenAddress } from '../core/listen-address.ts';

/** Where an admin API is. */
export interface AdminTarget {
  /** As messages name it. */
  readonly name: string;
  readonly tls: boolean;
  readonly place: { readonly socketPath: string } | { readonly host: string; readonly port: number };
}

/** What an admin API answered. */
export interface AdminAnswer {
  readonly status: number;
  /** The members of the JSON object that it sent. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** There is no answer: nobody listens, nobody answers in time, or somebody else does. */
export class AdminUnreachable extends Error {
  override readonly name = 'AdminUnreachable';

  constructor(target: AdminTarget, why: string) {
    super(`cannot reach the admin API at ${target.name}: ${why}`);
  }
}

const timeoutMs = 10_000;
// A list of a thousand, each with texts of a thousand characters.
const maxAnswerBytes = 16 * 1024 ** 2;
const anyV4 = '0.0.0.0';
const anyV6 = '::';

/** The target of "host:port", "unix:/path" or an http or https URL without a path; undefined when the text is none of them. */
export function parseAdminTarget(text: string): AdminTarget | undefined {
  const url = /^https?:/i.test(text) ? URL.parse(text) : undefined;
  if (url === null) return undefined;
  if (url !== undefined) {
    if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
      return undefined;
    }
    const tls = url.protocol === 'https:';
    const port = url.port === '' ? (tls ? 443 : 80) : Number(url.port);
    return { name: url.origin, tls, place: { host: url.hostname.replace(/^\[|\]$/g, ''), port } };
  }
  const address = parseListenAddress(text);
  if (address === undefined) return undefined;
  if (address.kind === 'unix') return { name: text, tls: false, place: { socketPath: address.path } };
  if (address.port === 0) return undefined;
  // Whoever listens everywhere listens on loopback too.
  const host = address.host === anyV4 ? '127.0.0.1' : address.host === anyV6 ? '::1' : address.host;
  return { name: text, tls: false, place: { host, port: address.port } };
}

/** Posts JSON to a path of an admin API. Rejects with an AdminUnreachable; the token is in no message. */
export const postAdmin = (
  target: AdminTarget,
  path: string,
  token: string,
  body: Readonly<Record<string, unknown>>,
): Promise<AdminAnswer> => ask(target, 'POST', path, token, JSON.stringify(body));

/** Gets a path of an admin API. Rejects as postAdmin does. */
export const getAdmin = (target: AdminTarget, path: string, token: string): Promise<AdminAnswer> =>
  ask(target, 'GET', path, token);

/** Deletes what a path and its query name. Rejects as postAdmin does. */
export const deleteAdmin = (target: AdminTarget, path: string, token: string): Promise<AdminAnswer> =>
  ask(target, 'DELETE', path, token);

async function ask(
  target: AdminTarget,
  method: string,
  path: string,
  token: string,
  text?: string,
): Promise<AdminAnswer> {
  const authorization = `Bearer ${token}`;
  const content = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text ?? '') };
  const headers = text === undefined ? { authorization } : { authorization, ...content };
  const { promise, resolve, reject } = Promise.withResolvers<AdminAnswer>();
  const fail = (why: string): void => reject(new AdminUnreachable(target, why));
  const signal = AbortSignal.timeout(timeoutMs);
  const send = target.tls ? requestHttps : requestHttp;
  const request = send({ ...target.place, path, method, headers, agent: false, signal }, (response) => {
    let answer = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      answer += chunk;
      if (answer.length > maxAnswerBytes) response.destroy(new Error('the answer is too long'));
    });
    response.on('error', (error) => fail(error.message));
    response.on('end', () => {
      const parsed = parseObject(answer);
      if (parsed === undefined) fail(`what answers there with ${response.statusCode} is no Portcullis`);
      else resolve({ status: response.statusCode ?? 0, body: parsed });
    });
  });
  request.on('error', (error) => fail(signal.aborted ? `no answer within ${timeoutMs / 1000} s` : whyOf(error)));
  request.end(text);
  return promise;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const whys: Readonly<Record<string, string>> = Object.freeze({
  ECONNREFUSED: 'nobody listens there',
  ENOENT: 'there is no such socket',
  EACCES: 'permission denied',
  ENOTFOUND: 'the host is unknown',
});

const whyOf = (error: Error): string =>
  own(whys, 'code' in error && typeof error.code === 'string' ? error.code : '') ?? error.message;

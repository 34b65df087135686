import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HeaderMutation } from '../../core/decision.ts';
import type { EndpointAnswer } from '../../core/endpoint.ts';
import { announcesBody } from './body.ts';

/** What a page of ours answers. */
export interface Page extends Omit<EndpointAnswer, 'body'> {
  readonly body: string | Uint8Array;
}

const typed = (status: number, type: string, body: string, headers: readonly HeaderMutation[] = []): Page => ({
  status,
  headers: [{ name: 'content-type', value: type }, ...headers],
  body,
});

/** A page for programs. */
export const jsonPage = (status: number, value: unknown): Page =>
  typed(status, 'application/json', `${JSON.stringify(value)}\n`);

/** A page of one line, or of text whose type is given. */
export const textPage = (status: number, line: string, headers: readonly HeaderMutation[] = []): Page =>
  typed(status, 'text/plain; charset=utf-8', `${line}\n`, headers);

/** The answer to a method that a page does not take (RFC 9110 section 15.5.6). */
export const methodNotAllowed = (methods: readonly string[]): Page =>
  textPage(405, 'method not allowed', [{ name: 'allow', value: methods.join(', ') }]);

/** What every answer of ours says unless the page says otherwise: it is not kept, not guessed at, and does nothing. */
const precautions: readonly HeaderMutation[] = Object.freeze([
  { name: 'cache-control', value: 'no-store' },
  { name: 'x-content-type-options', value: 'nosniff' },
  { name: 'referrer-policy', value: 'no-referrer' },
  {
    name: 'content-security-policy',
    value: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  },
]);

/** Sets these headers, and the precautions that they do not speak of. */
export function takePrecautions(response: ServerResponse, headers: readonly HeaderMutation[]): void {
  for (const { name, value, append } of [...precautions, ...headers]) {
    if (append) response.appendHeader(name, value);
    else response.setHeader(name, value);
  }
}

/**
 * Sends a page; the answer to HEAD has no body, and one to a request whose body has not been read ends the connection.
 * Throws a TypeError for headers that cannot be sent.
 */
export function sendPage(request: IncomingMessage, response: ServerResponse, page: Page): void {
  // A page that could not be sent may have left some.
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  takePrecautions(response, page.headers);
  response.setHeader('content-length', Buffer.byteLength(page.body));
  // Nobody waits for the rest of the body, so nothing can follow it.
  if (announcesBody(request) && !request.readableEnded) response.setHeader('connection', 'close');
  response.writeHead(page.status);
  response.end(request.method === 'HEAD' ? undefined : page.body);
}

import type { OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { answerTo, type HttpAnswer } from './http-answer.ts';

/** A request to the gateway; the path goes out as it is written. */
export interface GatewayRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/** Sends one request over HTTPS and HTTP/1.1 on a connection of its own. Rejects when no answer comes. */
export function send(port: number, ca: string, wanted: GatewayRequest): Promise<HttpAnswer> {
  const { method = 'GET', path, headers = {}, body } = wanted;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const target = { host: '127.0.0.1', servername: 'localhost', port, ca, method, path, agent: false, timeout: 30_000 };
  return answerTo(request({ ...target, headers: { host: `localhost:${port}`, ...length, ...headers } }), body);
}

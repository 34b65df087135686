import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { textOf } from '../../src/demo/http-answer.ts';
import { listenOnLoopback } from '../../src/demo/servers.ts';

/** What an introspection endpoint was asked. */
interface Question {
  readonly path: string;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

/** How the endpoint answers a question; undefined: not at all before release. */
type Staging = (question: Question, response: ServerResponse) => void;

/** A real HTTP server that answers questions about tokens as it is told, however wrong. */
export interface IntrospectionServer {
  readonly origin: string;
  /** The endpoint. */
  readonly url: string;
  readonly questions: readonly Question[];
  /** Says how questions are answered from now on. */
  stage(staging: Staging): void;
  /** Answers with JSON about the tokens that are named, and calls others inactive. */
  know(tokens: Readonly<Record<string, unknown>>): void;
  close(): Promise<void>;
}

/** Sends JSON with the right content type. */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** Opens the server; it knows no token yet. Port 0 takes any. */
export async function openIntrospectionServer(wantedPort = 0): Promise<IntrospectionServer> {
  const questions: Question[] = [];
  let staging: Staging = (_, response) => sendJson(response, { active: false });
  const server = await listenOnLoopback(wantedPort, async (request, response) => {
    const { url: path = '', method = '', headers } = request;
    const question = { path, method, headers, form: new URLSearchParams(await textOf(request)) };
    questions.push(question);
    staging(question, response);
  });
  const origin = `http://127.0.0.1:${server.port}`;
  return {
    origin,
    url: `${origin}/introspect`,
    questions,
    stage: (next) => {
      staging = next;
    },
    know: (tokens) => {
      staging = ({ form }, response) => {
        const token = form.get('token') ?? '';
        sendJson(response, Object.hasOwn(tokens, token) ? tokens[token] : { active: false });
      };
    },
    close: server.close,
  };
}

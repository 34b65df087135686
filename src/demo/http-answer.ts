import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Ends a request and gives its answer. Rejects when none comes within the time that the request was opened with. */
export function answerTo(request: ClientRequest, body?: string | Uint8Array): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.on('response', (response) => {
      textOf(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        reject,
      );
    });
    request.on('timeout', () => request.destroy(new Error(`no answer to ${request.method} ${request.path} in time`)));
    request.on('error', reject);
    request.end(body);
  });
}

/** The body of a message, whole. */
export async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += chunk;
  return text;
}

import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:tls';

/** An endpoint that speaks TLS as localhost. */
export interface TlsEndpoint {
  readonly port: number;
  /** PEM of the authority that vouches for it. */
  readonly ca: string;
}

/** What came back, as far as tests look at it. */
export interface RawAnswer {
  /** 0 for no answer: the connection was closed, or the stream reset. */
  readonly status: number;
  /** Whole header lines in lower case, each ended; pseudo headers aside. */
  readonly head: string;
  readonly body: string;
}

const none: RawAnswer = Object.freeze({ status: 0, head: '', body: '' });
const patienceMs = 10_000;

/** Writes bytes to a connection of its own and reads one answer over HTTP/1.1: no client has put them in order. */
export function sendBytes({ port, ca }: TlsEndpoint, bytes: string | Uint8Array): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost', ALPNProtocols: ['http/1.1'] });
    const chunks: Buffer[] = [];
    const settle = (complete: boolean): void => {
      const answer = parse(Buffer.concat(chunks), complete);
      if (answer === undefined) return;
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('no answer')));
    socket.once('secureConnect', () => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      settle(false);
    });
    socket.once('end', () => settle(true));
    socket.once('error', reject);
  });
}

/** The answer as soon as it is whole; ended: nothing more will come. */
function parse(bytes: Buffer, ended: boolean): RawAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return ended ? none : undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const head = lines.map((line) => `${line.toLowerCase()}\n`).join('');
  const body = bytes.subarray(end + 4);
  const length = /^content-length: (\d+)$/m.exec(head)?.[1];
  if (!ended && (length === undefined || body.length < Number(length))) return undefined;
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? 0), head, body: body.toString('utf8') };
}

/** Sends a request over HTTP/2 with the pseudo headers as they are given. */
export function sendHttp2({ port, ca }: TlsEndpoint, headers: Readonly<Record<string, string>>): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`https://localhost:${port}`, { ca, servername: 'localhost' });
    session.setTimeout(patienceMs, () => session.destroy(new Error('no answer')));
    session.once('error', reject);
    const stream = session.request(headers, { endStream: true });
    let answer = none;
    stream.once('response', ({ ':status': status = 0, ...fields }) => {
      const head = Object.entries(fields).map(([name, value]) => `${name}: ${String(value)}\n`.toLowerCase());
      answer = { ...answer, status, head: head.join('') };
    });
    stream.setEncoding('utf8').on('data', (text: string) => {
      answer = { ...answer, body: answer.body + text };
    });
    // A reset says that there is no answer, and that is what is told.
    stream.once('error', () => {});
    stream.once('close', () => {
      session.close();
      resolve(answer);
    });
  });
}

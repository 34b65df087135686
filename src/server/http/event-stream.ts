import type { IncomingMessage, ServerResponse } from 'node:http';
import { takePrecautions } from './page.ts';

/** Events on their way to one reader (Server-Sent Events, text/event-stream of the HTML standard). */
export interface EventStream {
  /** Sends an event, data as JSON. False: the reader is slow, and nothing was sent. */
  send(event: string, data: unknown): boolean;
  /** Ends it, with a last event that says why. */
  end(why: string): void;
  /** Calls back once when it is over, whoever ended it. */
  onEnd(told: () => void): void;
}

// What waits for a reader that reads slowly, or not at all.
const waitingMaxBytes = 256 * 1024;

// One who reads nothing for so long has gone, or sleeps: their place is for others.
const unreadMs = 30_000;

/** Answers with a stream of events that stays open until somebody ends it, or takes nothing for a while. */
export function openEventStream(
  request: IncomingMessage,
  response: ServerResponse,
  limits = { unreadMs },
): EventStream {
  takePrecautions(response, [{ name: 'content-type', value: 'text/event-stream' }]);
  // Proxies on the way to an operator would keep events back.
  response.setHeader('x-accel-buffering', 'no');
  // Whoever comes again, while we shut down too, comes over a connection of their own.
  response.setHeader('connection', 'close');
  response.writeHead(200);
  response.flushHeaders();
  // What is being read keeps the socket from being idle.
  request.socket.setTimeout(limits.unreadMs);
  const write = (event: string, data: unknown): void =>
    void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  return {
    send: (event, data) => {
      if (response.writableEnded || response.writableLength > waitingMaxBytes) return false;
      write(event, data);
      return true;
    },
    end: (why) => {
      if (response.writableEnded) return;
      write('end', { why });
      response.end();
    },
    onEnd: (told) => void response.once('close', told),
  };
}

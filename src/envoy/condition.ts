import { get } from 'node:http';
import type { Child } from './child.ts';
import { SetupProblem } from './problem.ts';

const pauseMs = 25;

/** A condition to wait for. */
interface Wait {
  /** Stands in messages: "Portcullis is ready". */
  readonly what: string;
  readonly holds: () => Promise<boolean>;
  /** Whoever has to bring it about: its end ends the waiting. */
  readonly child?: Child;
  /** 20 seconds by default. */
  readonly boundMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Resolves when the condition holds. Rejects with a SetupProblem when it does not within the bound, when the child ends
 * first, or when the signal is given; the message carries the end of the child's output.
 */
export async function waitFor({ what, holds, child, boundMs = 20_000, signal }: Wait): Promise<void> {
  const until = performance.now() + boundMs;
  while (!(await holds())) {
    if (signal?.aborted) throw new SetupProblem(`Stopped before ${what}.`);
    if (child?.hasEnded()) {
      throw new SetupProblem(`${child.name} ended (${await child.ended}) before ${what}.${tail(child)}`);
    }
    if (performance.now() > until) {
      throw new SetupProblem(`Waited ${boundMs / 1000} s in vain: ${what}.${tail(child)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

const lineMax = 300;
// An audit event on one line would push the line that matters off the screen.
const short = (line: string): string => (line.length > lineMax ? `${line.slice(0, lineMax)}…` : line);

/** The last lines that a child wrote, ready to stand below a message; empty when it wrote none. */
export function tail(child: Child | undefined, lines = 15): string {
  const text = child?.output().trimEnd() ?? '';
  return text === '' ? '' : `\n${text.split('\n').slice(-lines).map(short).join('\n')}`;
}

/** Whether a plain HTTP GET is answered with 200; anything else, also no answer, is false. */
export function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

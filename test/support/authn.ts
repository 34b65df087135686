import type { AuthnDeps } from '../../src/authn/index.ts';
import type { Timers } from '../../src/authn/key-sets/timers.ts';
import type { HeaderMap, NormalRequest } from '../../src/core/attributes.ts';
import type { BuildContext, Path, SourceFile } from '../../src/core/build.ts';
import type { Clock } from '../../src/core/clock.ts';
import { silentLog, silentSignals } from '../../src/core/ports.ts';

/** A clock that stands still until it is moved, and the timers that go by it. */
export interface TestTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Moves both readings of the clock and runs the timers that come due. */
  advance(ms: number): void;
  /** How many timers wait. */
  pending(): number;
}

/** Time that begins at this moment. */
export function openTime(startMs = Date.UTC(2026, 0, 15)): TestTime {
  let elapsed = 0;
  let waiting: { readonly dueMs: number; readonly run: () => void }[] = [];
  return {
    clock: { nowMs: () => startMs + elapsed, monotonicMs: () => elapsed },
    timers: {
      after: (delayMs, run) => {
        const entry = { dueMs: elapsed + delayMs, run };
        waiting.push(entry);
        return () => {
          waiting = waiting.filter((other) => other !== entry);
        };
      },
    },
    advance: (ms) => {
      elapsed += ms;
      const due = waiting.filter(({ dueMs }) => dueMs <= elapsed);
      waiting = waiting.filter(({ dueMs }) => dueMs > elapsed);
      for (const { run } of due) run();
    },
    pending: () => waiting.length,
  };
}

/** An issue, as `place message` with the place's members joined by dots. */
export type Issues = string[];

/** A file with a document that is already parsed; `text` stands in where nobody reads it. */
export function sourceFile(name: string, document: unknown, issues: Issues): SourceFile {
  return {
    name,
    text: JSON.stringify(document),
    document: () => document,
    issue: (path, message) => void issues.push(`${[name, ...path].join('.')} ${message}`),
    issueAt: (line, message) => void issues.push(`${name}:${line} ${message}`),
  };
}

/** A build context over these documents; a file that is not among them is an issue. */
export function buildContext(issues: Issues, documents: Readonly<Record<string, unknown>> = {}): BuildContext {
  const below = (base: Path): BuildContext => ({
    issue: (path, message) => void issues.push(`${[...base, ...path].join('.')} ${message}`),
    at: (...path) => below([...base, ...path]),
    file: (name) => {
      if (Object.hasOwn(documents, name)) return sourceFile(name, documents[name], issues);
      issues.push(`${base.join('.')} cannot be read`);
      return undefined;
    },
    directory: () => [],
  });
  return below([]);
}

/** Deps whose key sets ask nobody. */
export const authnDeps = (time: TestTime, keySets: AuthnDeps['keySets'] = noKeySets): AuthnDeps => ({
  clock: time.clock,
  keySets,
  signals: silentSignals,
  log: silentLog,
});

const noKeySets: AuthnDeps['keySets'] = {
  resolve: () => ({ find: () => ({ kind: 'unavailable' }), ready: () => false }),
  start: () => {},
  retain: () => {},
  close: () => {},
};

/** A request with these headers; a value that is a list stands for repeated headers. */
export function requestWith(headers: Readonly<Record<string, string | readonly string[]>>): NormalRequest {
  const map: HeaderMap = new Map(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
  );
  const peer = { address: '192.0.2.1', port: 1, principal: '' };
  return {
    attributes: {
      source: peer,
      destination: peer,
      method: 'GET',
      scheme: 'https',
      host: 'api.example.com',
      path: '/',
      protocol: 'HTTP/1.1',
      headers: map,
      body: undefined,
      requestId: '',
      contextExtensions: new Map(),
    },
    method: 'GET',
    scheme: 'https',
    host: 'api.example.com',
    path: '/',
    segments: [],
    query: '',
    headers: map,
    clientAddress: '192.0.2.1',
  };
}

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import type { AuditOptions } from '../../src/audit/index.ts';
import type { SinkName } from '../../src/audit/sinks/index.ts';
import { type HttpKind, startEventReceiver } from './event-receiver.ts';
import { startOtlpReceiver } from './otlp-receiver.ts';
import { startSyslogReceiver } from './syslog-receiver.ts';

/** The outer world of one kind of sink. */
export interface Rig {
  /** Its entry in audit.sinks. */
  readonly entry: SinkName | Readonly<Partial<Record<SinkName, Readonly<Record<string, unknown>>>>>;
  readonly options: Partial<AuditOptions>;
  /** Everything that arrived, byte by byte. */
  text(): string;
  /** The events that arrived. */
  lines(): readonly string[];
  stop(): void | Promise<void>;
}

export interface Harness {
  /** A world that takes everything at once. */
  ready(): Promise<Rig>;
  /** A world that takes nothing until it is released. */
  slow(): Promise<Rig & { release(): void }>;
  /** A world that fails until it is mended; undefined where a failure is for good. */
  readonly failing: (() => Promise<Rig & { mend(): void }>) | undefined;
}

const split = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

async function stdoutRig() {
  let text = '';
  let held: (() => void)[] | undefined;
  const stdout = new Writable({
    write: (chunk, _encoding, done) => {
      const take = (): void => {
        text += chunk;
        done();
      };
      if (held === undefined) take();
      else held.push(take);
    },
  });
  return {
    entry: 'stdout' as const,
    options: { stdout },
    text: () => text,
    lines: () => split(text),
    hold: () => {
      held = [];
    },
    release: () => {
      const waiting = held ?? [];
      held = undefined;
      for (const take of waiting) take();
    },
    stop: () => {},
  };
}

/** An OTLP receiver. */
export async function otlpRig() {
  const receiver = await startOtlpReceiver();
  return {
    receiver,
    entry: 'otlp' as const,
    options: { otlpEndpoint: receiver.endpoint },
    text: () => receiver.raw.join('\n'),
    lines: () => receiver.logs.map(({ body }) => String(body)),
    stop: () => receiver.stop(),
  };
}

/** A file in a folder of its own. */
export async function fileRig(below = '.') {
  const root = mkdtempSync(join(tmpdir(), 'portcullis-sinks-'));
  const path = join(root, below, 'audit.ndjson');
  const text = (): string => readFileSync(path, 'utf8');
  const stop = (): void => rmSync(root, { recursive: true, force: true });
  return { path, entry: { file: { path } }, options: {}, text, lines: () => split(text()), stop };
}

/** A pipe that nobody reads keeps its writers waiting, as a stuck disk would. */
async function slowFileRig() {
  const rig = await fileRig();
  execFileSync('mkfifo', [rig.path]);
  let text = '';
  let reader: ChildProcess | undefined;
  const release = (): void => {
    // Open for both ends, so that it does not end between two batches.
    reader = spawn('sh', ['-c', 'exec cat <> "$0"', rig.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    reader.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  };
  const stop = async (): Promise<void> => {
    reader?.kill();
    if (reader !== undefined && reader.exitCode === null && reader.signalCode === null) await once(reader, 'exit');
    // A writer that still waits for a reader would keep this process: it gets one, for a moment.
    closeSync(openSync(rig.path, constants.O_RDWR | constants.O_NONBLOCK));
    rig.stop();
  };
  return { ...rig, text: () => text, lines: () => split(text), release, stop };
}

/** A syslog receiver with a certificate of an authority of its own. */
export async function syslogRig(more: Readonly<Record<string, unknown>> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'portcullis-syslog-'));
  const receiver = await startSyslogReceiver();
  const authority = join(root, 'ca.pem');
  writeFileSync(authority, receiver.ca);
  return {
    receiver,
    entry: { syslog: { address: `127.0.0.1:${receiver.port}`, ca_file: authority, ...more } },
    options: {},
    text: () => receiver.messages.join('\n'),
    lines: () => receiver.messages.map((message) => message.slice(message.indexOf('] ') + 2)),
    stop: async () => {
      await receiver.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A receiver of one of the HTTP kinds, with a token. */
export async function httpRig(kind: HttpKind, more: Readonly<Record<string, unknown>> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'portcullis-http-'));
  const receiver = await startEventReceiver(kind);
  const token = join(root, 'token');
  writeFileSync(token, 'receiver-token\n');
  const index = kind === 'elastic_bulk' ? { index: 'audit' } : {};
  return {
    receiver,
    entry: { [kind]: { url: receiver.url, token_file: token, ...index, ...more } },
    options: {},
    text: () => receiver.raw.join('\n'),
    lines: () => receiver.lines,
    stop: async () => {
      await receiver.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

const httpHarness = (kind: HttpKind) => ({
  ready: () => httpRig(kind),
  slow: async () => {
    const rig = await httpRig(kind);
    rig.receiver.behave('hold');
    return { ...rig, release: () => rig.receiver.behave('ok') };
  },
  failing: async () => {
    const rig = await httpRig(kind);
    rig.receiver.behave(503);
    return { ...rig, mend: () => rig.receiver.behave('ok') };
  },
});

/** A harness for every kind of sink. */
export const harnesses = {
  stdout: {
    ready: stdoutRig,
    slow: async () => {
      const rig = await stdoutRig();
      rig.hold();
      return rig;
    },
    failing: undefined,
  },
  otlp: {
    ready: otlpRig,
    slow: async () => {
      const rig = await otlpRig();
      rig.receiver.behave('hold');
      return { ...rig, release: () => rig.receiver.behave('ok') };
    },
    failing: async () => {
      const rig = await otlpRig();
      rig.receiver.behave(500);
      return { ...rig, mend: () => rig.receiver.behave('ok') };
    },
  },
  file: {
    ready: fileRig,
    slow: slowFileRig,
    failing: async () => {
      const rig = await fileRig('later');
      return { ...rig, mend: () => void mkdirSync(dirname(rig.path)) };
    },
  },
  syslog: {
    ready: syslogRig,
    slow: async () => {
      const rig = await syslogRig();
      rig.receiver.behave('hold');
      return { ...rig, release: () => rig.receiver.behave('ok') };
    },
    failing: async () => {
      const rig = await syslogRig();
      rig.receiver.behave('refuse');
      return { ...rig, mend: () => rig.receiver.behave('ok') };
    },
  },
  webhook: httpHarness('webhook'),
  splunk_hec: httpHarness('splunk_hec'),
  elastic_bulk: httpHarness('elastic_bulk'),
} as const satisfies Record<SinkName, Harness>;

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyFiles, createKeySets, createLasting } from '../../../src/authn/index.ts';
import { compileOffline, type Offline } from '../../../src/cli/offline.ts';
import type { Settings } from '../../../src/config/compile.ts';
import { type Opening, openConfig } from '../../../src/config/open.ts';
import { silentAccounts } from '../../../src/core/account.ts';
import { type BanLookup, noBans } from '../../../src/core/ban.ts';
import { type Clock, systemClock } from '../../../src/core/clock.ts';
import type { CounterStore } from '../../../src/core/limit.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { silentLog, silentSignals } from '../../../src/core/ports.ts';
import type { StateStore } from '../../../src/core/state.ts';
import { openBans } from '../../../src/detect/bans/index.ts';
import { inlinePool } from '../../../src/inspect/index.ts';
import { algorithms } from '../../../src/limit/index.ts';
import { createOutbounds } from '../../../src/outbound/registry.ts';
import { createMemoryState, createMemoryStore, StoreUnavailable } from '../../../src/store/index.ts';
import { noRevocations } from '../../support/authn.ts';
import { sketchedBan } from '../../support/bans.ts';
import { noFeeds } from '../../support/feeds.ts';
import { type KeyServer, openKeyServer } from '../../support/key-server.ts';
import type { CaseFile } from './case-file.ts';
import { certify, jwks, type MintedKeys, makeToken, mintKeys, type TokenSketch } from './credentials.ts';

/** A config of a case file, opened as the sidecar and the command line open it. */
export interface House {
  readonly plan: Plan;
  readonly audit: Settings['audit'];
  readonly offline: Offline;
  readonly keyServer: KeyServer | undefined;
  readonly clock: Clock;
  /** Text with every {{token.NAME}}, {{key.NAME}}, {{cert.NAME}} and {{hash.NAME}} filled in. */
  readonly fill: (text: string) => string;
  readonly token: (sketch: TokenSketch) => string;
  /** Empties the counters; the store is there or away from now on. */
  readonly reset: (store: 'here' | 'away') => void;
  readonly close: () => Promise<void>;
}

/** A config that was refused: "line path message" of each issue. */
export interface Refused {
  readonly issues: readonly string[];
}

// It stands still: what a limit says of the time left is the same on every run.
const startMs = Date.now();
const clock: Clock = { nowMs: () => startMs, monotonicMs: () => 0 };
const quiet = { signals: silentSignals, log: silentLog, accounts: silentAccounts };

/** Writes a config and its side files into a folder of its own and opens it. */
export async function openHouse(file: CaseFile, config: string): Promise<House | Refused> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-cases-'));
  const keyServer = file.key_server === undefined ? undefined : await serveKeys(file.key_server);
  const minted = mintKeys(file.keys ?? {});
  const certified = await certify(file.certificates ?? {});
  const path = writeFiles(folder, file, config, minted, keyServer?.origin ?? '');
  const leave = async (): Promise<void> => {
    rmSync(folder, { recursive: true });
    await keyServer?.close();
  };
  try {
    const opening = openConfig(path, {});
    const { state, bans } = await banned(file.bans);
    const offline = compileOffline(opening, { clock, ...(state && { openState: () => state }) });
    if (offline === undefined) {
      await leave();
      return { issues: opening.issues().map(({ line, path: place, message }) => `${line} ${place} ${message}`) };
    }
    const serving = serve(openConfig(path, {}), bans);
    const close = async (): Promise<void> => {
      offline.close();
      serving.close();
      await leave();
    };
    return { ...serving, offline, keyServer, clock, ...fillers(file, minted, certified), close };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** Bans on a state of their own; none where nobody is banned. */
async function banned(sketches: CaseFile['bans']): Promise<{ readonly state?: StateStore; readonly bans: BanLookup }> {
  if (sketches === undefined) return { bans: noBans };
  const state = createMemoryState(clock);
  const bans = openBans(state, clock);
  for (const [index, sketch] of sketches.entries()) await bans.ban(sketchedBan(sketch, `ban-${index + 1}`, startMs));
  return { state, bans };
}

function serve(opening: Opening, bans: BanLookup): Pick<House, 'plan' | 'audit' | 'reset'> & { close(): void } {
  const outbounds = createOutbounds();
  const keySets = createKeySets({ ...quiet, clock: systemClock, outbounds });
  let current = counters();
  let local = counters();
  const store: CounterStore = { take: (takes, mode) => current.take(takes, mode), close: async () => {} };
  const compiled = opening.compile({
    ...quiet,
    ...{ clock, keySets, outbounds, lasting: createLasting(), keyFiles: createKeyFiles(), store },
    inspection: inlinePool,
    feeds: noFeeds,
    state: createMemoryState(clock),
    revocations: noRevocations,
    bans,
    local: { take: (takes, mode) => local.take(takes, mode), close: async () => {} },
  });
  assert.ok(compiled !== undefined && opening.settings !== undefined);
  keySets.start();
  return {
    plan: compiled.plan,
    audit: opening.settings.audit,
    reset: (state) => {
      current = state === 'here' ? counters() : absent;
      local = counters();
    },
    close: () => keySets.close(),
  };
}

const counters = (): CounterStore => createMemoryStore({ algorithms, clock, maxKeys: 10_000 });
const absent: CounterStore = {
  take: () => Promise.reject(new StoreUnavailable('the store is away')),
  close: async () => {},
};

function fillers(
  file: CaseFile,
  minted: MintedKeys,
  certified: ReadonlyMap<string, string>,
): Pick<House, 'fill' | 'token'> {
  const token = (sketch: TokenSketch): string => makeToken(sketch, startMs);
  const named = (kind: string, name: string): string => {
    const sketch = kind === 'token' ? file.tokens?.[name] : undefined;
    const made = kind === 'key' ? minted.byName.get(name) : certified.get(`${kind}.${name}`);
    const filled = sketch === undefined ? made : token(sketch);
    if (filled === undefined) throw new TypeError(`the file has no ${kind} "${name}"`);
    return filled;
  };
  return {
    token,
    fill: (text) =>
      text.replace(/\{\{(token|key|cert|hash)\.([\w-]+)\}\}/g, (_, kind: string, name: string) => named(kind, name)),
  };
}

function writeFiles(folder: string, file: CaseFile, config: string, minted: MintedKeys, origin: string): string {
  const sides: Readonly<Record<string, unknown>> = { 'jwks.json': jwks, 'keys.yaml': minted.file, ...file.files };
  for (const [name, content] of Object.entries(sides)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  const path = join(folder, 'config.yaml');
  writeFileSync(path, repeated(config, file.many).replaceAll('{{key_server}}', origin));
  return path;
}

function repeated(config: string, many: CaseFile['many'] = {}): string {
  let text = config;
  for (const [name, { times, text: one }] of Object.entries(many)) {
    const mark = new RegExp(`( *)\\{\\{${name}\\}\\}`, 'g');
    const all = Array.from({ length: times }, (_, index) => one.replaceAll('{n}', String(index + 1)));
    text = text.replace(mark, (_, indent: string) => all.map((each) => indent + each).join(''));
  }
  return text;
}

async function serveKeys(answers: NonNullable<CaseFile['key_server']>): Promise<KeyServer> {
  const server = await openKeyServer();
  for (const [path, answer] of Object.entries(answers)) {
    if (answer === 'jwks') server.answer(path, { kind: 'json', value: jwks });
    else if (answer === 'hang') server.answer(path, { kind: 'hang' });
    else if (typeof answer === 'number') server.answer(path, { kind: 'status', status: answer });
    else server.answer(path, { kind: 'json', value: answer.json });
  }
  return server;
}

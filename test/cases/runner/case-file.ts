import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { RequestDescription } from '../../../src/config/request.ts';
import type { StepName } from '../../../src/core/trail.ts';
import type { BanSketch } from '../../support/bans.ts';
import type { ClientSketch } from '../../support/client-certificates.ts';
import type { KeySketch, TokenSketch } from './credentials.ts';

/** What the shape of a request cannot say. */
export interface RawParts {
  /** Header lines behind the described ones, in any spelling; bytes are written in hexadecimal. */
  readonly headers?: readonly (readonly [name: string, value: string | { readonly hex: string }])[];
  /** Pseudo headers in place of the ones that agree with the request. */
  readonly pseudo?: Readonly<Record<string, string>>;
  readonly body_hex?: string;
  /** The whole message in hexadecimal, in place of everything else. */
  readonly message_hex?: string;
}

/** A fault that is put into the plan: the step throws, never answers, or says nothing. */
export interface Fault {
  readonly step: Exclude<StepName, 'decode'> | 'upstream';
  readonly how: 'throw' | 'hang' | 'abstain';
}

/** One request and what must become of it. */
export interface GoldenCase {
  readonly name: string;
  /** In place of the file's: for configs that must be refused. */
  readonly config?: string;
  readonly request?: RequestDescription;
  readonly raw?: RawParts;
  /** How Envoy writes headers: raw keeps lines apart (encode_raw_headers), joined puts commas between them. Default: both. */
  readonly form?: 'raw' | 'joined';
  /** A token of the file by its name, or one of its own, as bearer. */
  readonly token?: string | TokenSketch;
  /** An API key of the file by its name, in x-api-key. */
  readonly key?: string;
  /** Requests on the same counters that come first; a case sends its own so many times. */
  readonly before?: readonly RequestDescription[];
  readonly times?: number;
  /** When the caller gives up. */
  readonly call?: { readonly remaining_ms?: number; readonly cancel?: 'before' | 'when_keys_are_asked_for' };
  readonly store?: 'away';
  readonly fault?: Fault;
  readonly expect?: unknown;
}

/** A config with its side files, and the cases on it. */
export interface CaseFile {
  readonly path: string;
  readonly about: string;
  readonly config?: string;
  /** Side files: text as it is, anything else as JSON. jwks.json and keys.yaml are made. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** Text in place of {{NAME}} in the config, so many times and as far from the left; {n} counts from 1. */
  readonly many?: Readonly<Record<string, { readonly times: number; readonly text: string }>>;
  readonly keys?: Readonly<Record<string, KeySketch>>;
  readonly tokens?: Readonly<Record<string, TokenSketch>>;
  /** Client certificates: {{cert.NAME}} is one as Envoy encodes it, {{hash.NAME}} its digest. */
  readonly certificates?: Readonly<Record<string, ClientSketch>>;
  /** How the server behind {{key_server}} answers by path: with the file's keys, never, with a status, or with JSON. */
  readonly key_server?: Readonly<Record<string, 'jwks' | 'hang' | number | { readonly json: unknown }>>;
  /** Who is banned, from the start on. */
  readonly bans?: readonly BanSketch[];
  readonly cases: readonly GoldenCase[];
}

const folder = join(import.meta.dirname, '..');
const members = ['about', 'config', 'files', 'many', 'keys', 'tokens', 'certificates', 'key_server', 'bans', 'cases'];
const caseMembers = [
  ...['name', 'config', 'request', 'raw', 'form', 'token', 'key', 'before', 'times', 'call', 'store', 'fault'],
  'expect',
];

/** Every case file of the folder. Throws for a member that nobody reads: a typo would test nothing. */
export function readCaseFiles(): readonly CaseFile[] {
  return globSync('*.yaml', { cwd: folder })
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      const file: Omit<CaseFile, 'path'> = parse(readFileSync(path, 'utf8'));
      refuseUnknown(name, file, members);
      const names = file.cases.map((one) => one.name);
      for (const one of file.cases) refuseUnknown(`${name}: ${one.name}`, one, caseMembers);
      const twice = names.find((one, at) => names.indexOf(one) !== at);
      if (twice !== undefined) throw new TypeError(`${name} has two cases "${twice}"`);
      return { ...file, path };
    });
}

function refuseUnknown(where: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${where}: nobody reads "${unknown}"; known are ${known.join(', ')}`);
}

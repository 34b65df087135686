import { readFileSync } from 'node:fs';
import { type ChainReport, openVerifier, readVerifyingKey, type Verification } from '../../audit/proof/index.ts';
import { visible } from '../../core/printable.ts';
import type { Say } from '../key/running.ts';
import { linesOf } from './lines.ts';

/** What is asked of `audit verify`. */
export interface VerifyOptions {
  readonly publicKey?: string;
  readonly ended?: boolean;
  readonly partial?: boolean;
  readonly json?: boolean;
}

/** Verifies files and tells what came of it; the result is why they could not be looked at. */
export async function verify(files: readonly string[], options: VerifyOptions, say: Say): Promise<string | undefined> {
  const { publicKey, ended = false, partial = false, json = false } = options;
  const key = publicKey === undefined ? undefined : readKey(publicKey);
  if (typeof key === 'string') return key;
  const verifier = openVerifier();
  for (const file of new Set(files)) {
    try {
      for await (const line of linesOf(file)) verifier.add(line);
    } catch (error) {
      return `cannot read "${file}": ${error instanceof Error && 'code' in error ? error.code : 'it cannot be unpacked'}`;
    }
  }
  const found = verifier.end({ key, ended, partial });
  if (found.events === 0 && found.faults.length === 0) return 'there is no event in what was named';
  const ok = found.faults.length === 0 && found.chains.every(({ fault }) => fault === undefined);
  process.exitCode = ok ? 0 : 1;
  say(json ? JSON.stringify({ ok, ...found }, null, 2) : report(found, ok, key !== undefined));
  return undefined;
}

function readKey(file: string) {
  try {
    return readVerifyingKey(readFileSync(file, 'utf8')) ?? `"${file}" holds no Ed25519 key as PEM`;
  } catch {
    return `cannot read the key file "${file}"`;
  }
}

const placed = ({ file, line, code, message }: NonNullable<ChainReport['fault']>): string =>
  `${file}:${line} ${code}: ${message}`;

function report({ events, chains, faults }: Verification, ok: boolean, signed: boolean): string {
  const lines = chains.map(({ id, first, last, repeated, vouched, ended, fault }) => {
    if (fault !== undefined) return `${placed(fault)} (chain ${id})`;
    const notes = [
      ended ? 'ended in order' : 'no end yet: its process runs, was killed, or its end was cut off',
      ...(signed ? [`signed up to event ${vouched}`] : []),
      ...(repeated > 0 ? [`${repeated} repeated`] : []),
    ];
    return `chain ${id}: events ${first} to ${last} hold; ${notes.join('; ')}`;
  });
  const verdict = ok ? `ok: ${events} events in ${chains.length} chains` : 'FAULTS FOUND';
  return [...faults.map(placed), ...lines, verdict].map(visible).join('\n');
}

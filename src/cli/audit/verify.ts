import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type ChainReport, openVerifier, readVerifyingKey, type Verification } from '../../audit/index.ts';
import { visible } from '../../core/printable.ts';
import type { Say } from '../key/running.ts';
import { linesOf } from './lines.ts';

interface Options {
  readonly publicKey?: string;
  readonly ended?: boolean;
  readonly partial?: boolean;
  readonly json?: boolean;
}

const examples = `
Each sink of each process writes a chain: every event has its number, the hash of the event before it, and its own. A file
may hold several chains, and a chain may go over several files, named in any order (rotated ones, .gz too). Of each chain
the first fault is told, with its file and line: an event that was changed, is missing, stands in another place or was put in.
With --public-key the signed checkpoints (audit.signing_key_file) must hold too; without, whoever can write the file can
also write a new chain. That the last events were cut off shows where the process ended in order and has a signing key;
--ended demands that every chain has its end: not so while a process runs, or after it was killed.
Exit code 0: all chains hold, 1: a fault was found, 2: a file cannot be read, or holds no event.

Examples:
  portcullis audit verify /var/log/portcullis/audit.ndjson*
  portcullis audit verify --public-key audit.pub --ended audit.ndjson
  portcullis audit verify --partial audit.ndjson.20261122T120000.000Z --json
`;

/** The command `audit verify`: whether events are as they were written. */
export const verifyCommand = (say: Say): Command =>
  new Command('verify')
    .description('find audit events that were changed, removed, moved or put in')
    .argument('<file...>', 'files of audit events, or - for standard input')
    .option('--public-key <file>', 'the public part of audit.signing_key_file, as PEM')
    .option('--partial', 'accept that chains begin in their middle: older files are gone')
    .option('--ended', 'demand that every chain ended in order')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(async (files: readonly string[], options: Options, command: Command) => {
      const problem = await verify(files, options, say);
      if (problem !== undefined) {
        process.exitCode = 2;
        if (options.json) say(JSON.stringify({ ok: false, detail: problem }, null, 2));
        else command.configureOutput().writeErr?.(`error: ${problem}\n`);
      }
    });

/** Verifies files and tells what came of it; the result is why they could not be looked at. */
async function verify(files: readonly string[], options: Options, say: Say): Promise<string | undefined> {
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

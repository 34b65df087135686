import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type Chapter, chapterOf, readRecord } from '../../audit/index.ts';
import { visible } from '../../core/printable.ts';
import type { Say } from '../key/running.ts';
import { linesOf } from './lines.ts';
import { chapterText } from './story.ts';

const examples = `
Looks for the decision id (x-decision-id, or decision_id of a problem body) in files of audit events, OCSF or ECS, and in the
directory of a spool. A call whose messages were looked into on their way has more than one event.
Exit code 0: found, 1: not found, 2: a file cannot be read.

Examples:
  portcullis audit show --decision 5c1b7c4e-8c1f-4f0e-9a1c-0d9f6f3b2a11 /var/log/portcullis/audit.ndjson*
  portcullis audit show --decision 5c1b7c4e-8c1f-4f0e-9a1c-0d9f6f3b2a11 /var/lib/portcullis/spool --json
`;

interface Options {
  readonly decision: string;
  readonly json?: boolean;
}

/** The command `audit show`: all that was written of one call. */
export const showCommand = (say: Say): Command =>
  new Command('show')
    .description('tell the story of one call from what was written of it')
    .requiredOption('--decision <id>', 'the decision id')
    .argument('<file...>', 'files of audit events, directories of spools, or - for standard input')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(async (files: readonly string[], { decision, json = false }: Options, command: Command) => {
      try {
        const found = await chapters(files, decision);
        process.exitCode = found.length === 0 ? 1 : 0;
        if (json) say(JSON.stringify({ ok: found.length > 0, decision, events: found }, null, 2));
        else say(found.length === 0 ? visible(`nothing was written of ${decision} here`) : storyOf(found));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error)) throw error;
        process.exitCode = 2;
        command.configureOutput().writeErr?.(`error: cannot read what was named: ${error.code}\n`);
      }
    });

async function chapters(files: readonly string[], decision: string): Promise<readonly Chapter[]> {
  const found: Chapter[] = [];
  const seen = new Set<string>();
  for (const file of new Set(files.flatMap(inside))) {
    for await (const { text, number } of linesOf(file)) {
      const line = file.endsWith('.spool') ? readRecord(text)?.event.line : text;
      const event = line === undefined ? undefined : chapterOf(line, decision);
      if (event === undefined) continue;
      // The same event may stand in the spool and in several files.
      const uid = uidOf(event);
      if (!seen.has(uid)) found.push({ file, line: number, event });
      seen.add(uid);
    }
  }
  return found;
}

const inside = (file: string): readonly string[] =>
  file !== '-' && statSync(file).isDirectory()
    ? readdirSync(file)
        .filter((name) => name.endsWith('.spool'))
        .map((name) => join(file, name))
    : [file];

function uidOf(event: Chapter['event']): string {
  const { metadata, event: ecs }: { metadata?: { uid?: unknown }; event?: { id?: unknown } } = event;
  return String(metadata?.uid ?? ecs?.id ?? JSON.stringify(event));
}

const storyOf = (found: readonly Chapter[]): string => found.map(chapterText).join('\n\n');

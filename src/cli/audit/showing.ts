import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Chapter, chapterOf, readRecord } from '../../audit/proof/index.ts';
import { visible } from '../../core/printable.ts';
import type { Say } from '../key/running.ts';
import { linesOf } from './lines.ts';
import { chapterText } from './story.ts';

/** Looks for a decision and tells what was written of it; the result is why files could not be read. */
export async function show(
  files: readonly string[],
  decision: string,
  json: boolean,
  say: Say,
): Promise<string | undefined> {
  try {
    const found = await chapters(files, decision);
    process.exitCode = found.length === 0 ? 1 : 0;
    if (json) say(JSON.stringify({ ok: found.length > 0, decision, events: found }, null, 2));
    else say(found.length === 0 ? visible(`nothing was written of ${decision} here`) : storyOf(found));
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return `cannot read what was named: ${error.code}`;
  }
}

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

import type { ForeignAttack } from './foreign.ts';
import type { Judge, Judged } from './judge.ts';

/** What became of many requests. */
export interface Figures {
  readonly requests: readonly { readonly kind: string; readonly title: string; readonly judged: Judged }[];
  readonly share: number;
}

const shareOf = (requests: Figures['requests']): number =>
  requests.length === 0 ? 0 : requests.filter(({ judged }) => judged.blocked).length / requests.length;

/** Judges every request; share: of those that were blocked, 0 to 1. */
export function measure(judge: Judge, asked: readonly ForeignAttack[]): Figures {
  const requests = asked.map(({ kind, title, subject }) => ({ kind, title, judged: judge(subject) }));
  return { requests, share: shareOf(requests) };
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** Prints the share by kind, and by rule how often it matched and how often it did so alone, as Markdown. */
export function printTable(title: string, { requests, share }: Figures): void {
  console.log(`| ${title} | requests | blocked |\n|---|---|---|`);
  const kinds = Map.groupBy(requests, ({ kind }) => kind);
  for (const [kind, group] of [...kinds].toSorted(([one], [other]) => one.localeCompare(other)))
    console.log(`| ${kind} | ${group.length} | ${percent(shareOf(group))} |`);
  console.log(`| all | ${requests.length} | ${percent(share)} |\n`);
  const rules = new Map<string, { all: number; alone: number }>();
  for (const { judged } of requests)
    for (const rule of judged.rules) {
      const count = rules.get(rule) ?? { all: 0, alone: 0 };
      rules.set(rule, { all: count.all + 1, alone: count.alone + (judged.rules.length === 1 ? 1 : 0) });
    }
  console.log('| rule | matched | alone |\n|---|---|---|');
  for (const [rule, { all, alone }] of [...rules].toSorted(([, one], [, other]) => other.all - one.all))
    console.log(`| ${rule} | ${all} | ${alone} |`);
  console.log('');
}

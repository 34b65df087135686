import type { Asked } from './corpus.ts';
import type { Judge, Judged } from './judge.ts';

/** What became of many requests. */
export interface Figures {
  readonly requests: readonly (Pick<Asked, 'kind' | 'title' | 'place'> & { readonly judged: Judged })[];
  readonly share: number;
}

const shareOf = (requests: Figures['requests']): number =>
  requests.length === 0 ? 0 : requests.filter(({ judged }) => judged.blocked).length / requests.length;

/** Judges every request; share: of those that were blocked, 0 to 1. */
export function measure(judge: Judge, asked: readonly Asked[]): Figures {
  const requests = asked.map(({ subject, refused, ...told }) => ({
    ...told,
    judged: refused === undefined ? judge(subject) : { blocked: true, rules: [refused] },
  }));
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

/** Prints the share by kind and place, as Markdown. */
export function printPlaces(title: string, { requests, share }: Figures): void {
  const places = [...new Set(requests.map(({ place = '' }) => place))];
  const row = (name: string, group: Figures['requests']): string => {
    const cells = places.map((wanted) => group.filter(({ place = '' }) => place === wanted));
    return `| ${name} | ${cells.map((cell) => (cell.length === 0 ? '' : percent(shareOf(cell)))).join(' | ')} |`;
  };
  console.log(`| ${title} | ${places.join(' | ')} |\n|---|${'---|'.repeat(places.length)}`);
  for (const [kind, group] of Map.groupBy(requests, ({ kind: one }) => one)) console.log(row(kind, group));
  console.log(`${row('all', requests)}\n\n${requests.length} requests, ${percent(share)}\n`);
}

// What the rules find and what they mistake: node test/attacks/main.ts [--crs DIR] [--engine native|script] [--half tune|unseen]
//   [--everyday]    the everyday requests alone
//   [--lines DIR]   further attacks: a folder of sqli-*.txt and xss-*.txt, a line each
//   [--misses N]    prints up to N misses of each kind, and every ordinary text that was taken for an attack
import { parseArgs } from 'node:util';
import { goMissing } from '../support/go-tool.ts';
import { type Asked, benignItems, type Half, ownAttacks } from './corpus.ts';
import { everydayRequests } from './everyday.ts';
import { crsAttacks, libinjectionAttacks, linesOfFolder } from './foreign.ts';
import { type Judge, requestWith, scriptJudge, servedJudge } from './judge.ts';
import { type Figures, measure, printPlaces, printTable } from './measure.ts';
import { ordinaryRequests } from './ordinary.ts';
import { everywhere } from './places.ts';

const { values } = parseArgs({
  options: {
    crs: { type: 'string' },
    engine: { type: 'string', default: 'native' },
    everyday: { type: 'boolean', default: false },
    half: { type: 'string', default: 'tune' },
    lines: { type: 'string' },
    misses: { type: 'string', default: '0' },
  },
});
const judge: Judge = values.engine === 'script' ? scriptJudge() : servedJudge(values.crs);
const asRequest = (item: { readonly kind: string; readonly text: string }): Asked => ({
  kind: item.kind,
  title: item.text,
  subject: requestWith(item),
});

console.log(`engine ${values.engine}, ${values.crs === undefined ? 'embedded rules alone' : 'with CRS'}\n`);
if (!values.everyday) await showAll();
const everyday = measure(judge, everydayRequests());
printTable('everyday requests', everyday);
show(everyday, true);

/** Attacks, and the ordinary requests that the rules are held against. */
async function showAll(): Promise<void> {
  const missing = await goMissing();
  const foreign =
    missing === undefined ? [...(await libinjectionAttacks()).map(asRequest), ...(await crsAttacks(4))] : [];
  const further = values.lines === undefined ? [] : linesOfFolder(values.lines).map(asRequest);
  const attacks = measure(judge, [...ownAttacks().map(asRequest), ...foreign, ...further]);
  const placed = measure(judge, ownAttacks().flatMap(everywhere));
  const half: Half = values.half === 'unseen' ? 'unseen' : 'tune';
  // The first set was looked at as a whole: it is no part of what is unseen.
  const first = half === 'tune' ? benignItems().map(asRequest) : [];
  const benign = measure(judge, [...first, ...ordinaryRequests(half)]);

  if (missing !== undefined) console.log(`others' data: skipped, ${missing}\n`);
  printTable('attacks', attacks);
  printPlaces('our own attacks, by place', placed);
  printTable(`ordinary requests (${half})`, benign);
  show(attacks, false);
  show(benign, true);
}

function show({ requests }: Figures, blocked: boolean): void {
  const most = Number(values.misses);
  if (most === 0) return;
  const shown = new Map<string, number>();
  for (const { kind, title, judged } of requests) {
    const count = shown.get(kind) ?? 0;
    if (judged.blocked !== blocked || (count >= most && !blocked)) continue;
    shown.set(kind, count + 1);
    console.log(
      `${blocked ? 'mistaken' : 'missed'} ${kind}: ${JSON.stringify(title.slice(0, 160))} ${judged.rules.join(' ')}`,
    );
  }
}

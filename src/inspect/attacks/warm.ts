import { openDetector } from './detection/detector.ts';
import type { RuleSet } from './detection/rule-set.ts';
import type { RequestView } from './request/view.ts';
import type { Collection } from './rule.ts';

const rounds = 32;
// A turn with a text that takes longer is broken off, and the next begins with what it has left ready.
const budgetMs = 8;

const prose = (round: number): string =>
  `Hello (again, ${round}), we've moved the meeting to Thursday; half of the team is still travelling! Who can bring: "notes", 3 x 2/3 & more?`;

/** What stands in ordinary requests; each round has texts of its own, for what is known is not looked at again. */
const samples: Partial<Readonly<Record<Collection, (round: number) => readonly string[]>>> = {
  args: (round) => [
    `${round}`,
    `blue shoes ${round}`,
    `20${10 + round}-01-01`,
    `jane+${round}@example.com`,
    `https://shop.example.com/a-b/${round}?page=1&size=10`,
    prose(round),
    prose(round).repeat(6),
  ],
  args_names: (round) => [`filter[name_${round}]`],
  request_headers: (round) => [
    `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1${round}.0.0.0 Safari/537.36`,
    `application/json; charset=utf-8; v=${round}`,
    `en-GB,en;q=0.${round}`,
  ],
  request_cookies: (round) => [`a${round}.b-c_d`],
  request_filename: (round) => [`/orders/${round}`],
  request_uri_raw: (round) => [`/orders/${round}?page=1`],
};

const viewOf = (collection: string, text: string): RequestView => ({
  items: (asked) => (asked === collection ? [{ name: 'q', place: 'warm', readings: [text], proven: false }] : []),
  excessive: () => undefined,
});

function* viewsOf(round: number): Generator<RequestView> {
  for (const [collection, textsOf] of Object.entries(samples))
    for (const text of textsOf(round)) yield viewOf(collection, text);
}

/** Looks at ordinary texts in steps of some milliseconds: first rule by rule, for each makes something when it is first asked. */
function* warmSteps(set: RuleSet): Generator<void, void> {
  for (const rule of set.rules) {
    const detect = openDetector({ ...set, rules: [rule] }, { of: () => undefined });
    for (const view of viewsOf(0)) detect(view, budgetMs);
    yield;
  }
  const detect = openDetector(set, { of: () => undefined });
  for (let round = 1; round <= rounds; round += 1) {
    for (const view of viewsOf(round)) {
      detect(view, budgetMs);
      yield;
    }
  }
}

/**
 * Holds rules against ordinary texts before the first request comes, so that it does not pay for what is made on first use:
 * a step at a turn of the event loop, which is kept neither waiting nor alive by it.
 */
export function warmUp(set: RuleSet): void {
  const steps = warmSteps(set);
  const turn = (): void => {
    if (steps.next().done !== true) setImmediate(turn).unref();
  };
  setImmediate(turn).unref();
}

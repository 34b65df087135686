// What a search for attacks costs on the thread that answers calls.
// node test/bench/inspection.ts; with the Core Rule Set where Go is present.
import type { Subject } from '../../src/core/plan.ts';
import { buildHere } from '../support/inspection.ts';
import { aSubject, type RequestSketch } from '../support/requests.ts';
import { besideLarge } from './inspection-beside.ts';
import { context, get, median, policies, prose } from './inspection-load.ts';

/** Microseconds of one run: the median and the least over all, each with values that no run before had. */
function cost(run: (subject: Subject) => void, requestOf: (call: number) => RequestSketch): string {
  const times = Array.from({ length: 6000 }, (_, call) => {
    const subject = aSubject({ request: requestOf(call) });
    const started = performance.now();
    run(subject);
    return (performance.now() - started) * 1000;
  }).slice(2000);
  return `${median(times).toFixed(0)} µs, at least ${Math.min(...times).toFixed(0)} µs`;
}

for (const [policy, protect] of Object.entries(policies)) {
  const started = performance.now();
  const inspect = buildHere({ protect, pathParameters: [] }, context);
  process.stdout.write(`${policy}: compiled in ${(performance.now() - started).toFixed(0)} ms\n`);
  for (const [name, requestOf] of Object.entries({ 'GET, ten parameters': get, 'POST, 1 KB of JSON prose': prose })) {
    const pass = (subject: Subject): void => {
      const { kind, detail } = inspect(subject);
      if (kind !== 'pass') throw new Error(`${name}: ${kind} ${JSON.stringify(detail)}`);
    };
    process.stdout.write(`  ${name}: ${cost(pass, requestOf)}\n`);
  }
}

for (const [policy, protect] of Object.entries(policies)) process.stdout.write(await besideLarge(policy, protect));

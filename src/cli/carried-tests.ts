import { openConfig } from '../config/open.ts';
import { toAttributes } from '../config/request.ts';
import type { Expectation } from '../config/tests.ts';
import type { Decision } from '../core/decision.ts';
import { compileOffline } from './offline.ts';
import { print, refuseIssues } from './print.ts';

/** Runs the tests that a config carries. Resolves with the exit code: 0 all hold, 1 some do not, 2 the config has issues. */
export async function runTests(file: string): Promise<number> {
  const opening = openConfig(file);
  const offline = compileOffline(opening);
  if (offline === undefined) return refuseIssues(opening.issues());
  let failed = 0;
  try {
    for (const { name, request, expect } of opening.tests) {
      const { decision } = await offline.decide(toAttributes(request));
      const holds = meets(decision, expect);
      if (!holds) failed += 1;
      print(`${holds ? 'ok  ' : 'FAIL'} ${name}${holds ? '' : `: expected ${wanted(expect)}, got ${got(decision)}`}`);
    }
  } finally {
    offline.close();
  }
  print(`${opening.tests.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function meets(decision: Decision, { allow, deny }: Expectation): boolean {
  if (decision.effect === 'allow') return allow === true || (allow !== undefined && allow === decision.rule);
  return deny === true || (deny !== undefined && (deny === decision.status || deny === decision.reason));
}

const wanted = ({ allow, deny }: Expectation): string =>
  allow === undefined ? `deny ${deny === true ? '' : deny}` : `allow ${allow === true ? '' : `by ${allow}`}`;
const got = (decision: Decision): string =>
  decision.effect === 'allow' ? `allow by ${decision.rule}` : `deny ${decision.status} ${decision.reason}`;

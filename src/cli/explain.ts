import { Command } from 'commander';
import type { Settings } from '../config/compile.ts';
import { openConfig } from '../config/open.ts';
import { readRequestFile } from '../config/request-file.ts';
import { silentLog, silentSignals } from '../core/ports.ts';
import type { StateStore } from '../core/state.ts';
import { compileOffline } from './offline.ts';
import { print, refuseIssues } from './print.ts';
import { readOnlyState } from './read-only-state.ts';
import { openState } from './stores.ts';
import { formatStory, storyJson } from './story.ts';

const examples = `
The request is JSON or YAML: method, path, host, scheme, headers, body, peer, certificate, context_extensions; only path is required.
Counters begin empty: what a limit has left is what a first call would find. Sessions, API keys and revocations are looked
up in Redis where the config names one, and nothing is changed there; those in a gateway's own memory are not seen.
Exit code 0: explained, 2: issues.

Examples:
  portcullis explain portcullis.yaml request.json
  echo '{ "path": "/orders/1" }' | portcullis explain portcullis.yaml -
  portcullis explain portcullis.yaml request.yaml --json | jq .decision.reason
`;

/** The command `explain`: every step of the decision on one request, and why. */
export const explainCommand = (): Command =>
  new Command('explain')
    .description('print each step of the decision on a request, and why')
    .argument('<file>', 'the config')
    .argument('<request>', 'a file with the request, or - for standard input')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples)
    .action(async (file: string, request: string, { json }: { readonly json?: boolean }) => {
      process.exitCode = await explain(file, request, json ?? false);
    });

/** What the gateway keeps in Redis, as it is there now; with embedded memory there is nothing to look at. */
const lookOnly = (redis: Settings['redis'] = { url: undefined, timeoutMs: 0 }): StateStore =>
  readOnlyState(openState(redis, silentSignals, silentLog));

async function explain(file: string, requestFile: string, json: boolean): Promise<number> {
  const opening = openConfig(file);
  const offline = compileOffline(opening, { openState: lookOnly });
  const described = readRequestFile(requestFile);
  if (offline === undefined || !described.ok) {
    return refuseIssues([...opening.issues(), ...(described.ok ? [] : described.issues)], json);
  }
  try {
    const story = await offline.decide(described.attributes);
    print(json ? JSON.stringify(storyJson(story), null, 2) : formatStory(story));
    return 0;
  } finally {
    offline.close();
  }
}

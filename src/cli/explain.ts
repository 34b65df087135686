import { Command } from 'commander';
import { openConfig } from '../config/open.ts';
import { readRequestFile } from '../config/request-file.ts';
import { compileOffline } from './offline.ts';
import { print, refuseIssues } from './print.ts';
import { formatStory, storyJson } from './story.ts';

const examples = `
The request is JSON or YAML: method, path, host, scheme, headers, body, peer, context_extensions; only path is required.
Counters begin empty: what a limit has left is what a first call would find. Exit code 0: explained, 2: issues.

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

async function explain(file: string, requestFile: string, json: boolean): Promise<number> {
  const opening = openConfig(file);
  const offline = compileOffline(opening);
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

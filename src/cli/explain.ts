import { Command } from 'commander';

const examples = `
The request is JSON or YAML: method, path, host, scheme, headers, body, peer, certificate, context_extensions; only path is required.
Counters begin empty: what a limit has left is what a first call would find. Sessions, API keys and revocations are looked
up in Redis where the config names one, and nothing is changed there; those in a gateway's own memory are not seen.
Address feeds are read from their files, and those with a URL from addresses.cache_dir, as a gateway left them there; nobody
is asked for them, and what is not known is said.
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
      const { explain } = await import('./explaining.ts');
      process.exitCode = await explain(file, request, json ?? false);
    });

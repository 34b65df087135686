import { Command } from 'commander';
import { demoPorts } from '../demo/ports.ts';
import { SetupProblem } from '../envoy/problem.ts';
import { print } from './print.ts';

/** Runs an action; a SetupProblem becomes its message on stderr and exit code 1. */
async function settle(action: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await action();
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

const say = (text: Promise<string>): Promise<number> =>
  text.then((line) => {
    print(line);
    return 0;
  });

const demo = async (check: boolean): Promise<number> =>
  check
    ? (await import('../demo/check.ts')).checkDemo(process.env, print)
    : (await import('../demo/supervisor.ts')).runDemo(process.env, print);

/** The command `demo`: a whole gateway on this machine, its self-check, and credentials to try it with. */
export function demoCommand(): Command {
  const command = new Command('demo')
    .description('run a whole gateway here: Envoy, Portcullis, a sample API and an identity provider')
    .option('--check', 'start it, take the guided tour, stop it; exit 0 or 1')
    .addHelpText('after', examples)
    .action(({ check }: { check?: boolean }) => settle(() => demo(check ?? false)));
  command
    .command('token')
    .description('print an access token from the running demo')
    .argument('<account>', 'alice (editor), bob (reader) or carol (admin)')
    .action((account: string) =>
      settle(async () => {
        const { demoFolder, tokenOfRunning } = await import('../demo/running.ts');
        return say(tokenOfRunning(demoFolder(process.env), account));
      }),
    );
  command
    .command('key')
    .description('print the API key of the running demo')
    .action(() =>
      settle(async () => {
        const { demoFolder, keyOfRunning } = await import('../demo/running.ts');
        return say(keyOfRunning(demoFolder(process.env)));
      }),
    );
  return command;
}

const examples = `
Examples:
  npm run demo                               start it and print things to try
  npm run -s demo -- --check                 let it take the tour by itself
  npm run -s demo -- token alice             an access token of alice's
  curl --cacert .demo/ca.pem https://localhost:8443/orders \\
    -H "authorization: Bearer $(npm run -s demo -- token bob)"

Environment:
${Object.values(demoPorts)
  .map(({ port, variable, what }) => `  ${variable.padEnd(34)}${what} (${port})`)
  .join('\n')}
  ${'PORTCULLIS_DEMO_DIR'.padEnd(34)}certificates, keys and logs (.demo in the project)
  ${'ENVOY_BIN'.padEnd(34)}the Envoy to run (else PATH, else installed into .cache)
  ${'REDIS_URL'.padEnd(34)}count limits in this Redis (else in memory)
`;

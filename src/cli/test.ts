import { Command } from 'commander';

const examples = `
Each entry of the config's tests is one request and what must become of it: { allow: true }, { allow: RULE },
{ deny: true }, { deny: STATUS } or { deny: REASON }. Exit code 0: all hold, 1: some do not, 2: issues.

Examples:
  portcullis test portcullis.yaml
`;

/** The command `test`: runs the tests that a config carries. */
export const testCommand = (): Command =>
  new Command('test')
    .description('run the tests that a config carries')
    .argument('<file>', 'the config')
    .addHelpText('after', examples)
    .action(async (file: string) => {
      process.exitCode = await (await import('./carried-tests.ts')).runTests(file);
    });

import { Command } from 'commander';
import { formatIssue } from '../config/issue.ts';
import { type CheckReport, checkConfig } from './offline.ts';
import { print } from './print.ts';

/** What the command may be given instead of the real thing. */
interface ValidateParts {
  readonly check?: (file: string) => CheckReport;
  readonly print?: (line: string) => void;
}

const examples = `
Every issue is one line: file:line:col path message. Exit code 0: no issues, 2: issues.

Examples:
  portcullis validate portcullis.yaml
  portcullis validate portcullis.yaml --json | jq -r '.issues[].message'
  REDIS_URL=redis://127.0.0.1:6379 portcullis validate portcullis.yaml
`;

/** The command `validate`: every issue of a config at its place, without starting anything. */
export function validateCommand(parts: ValidateParts = {}): Command {
  const { check = checkConfig, print: say = print } = parts;
  return new Command('validate')
    .description('check a config and all the files that it names; print every issue')
    .argument('<file>', 'the config, in YAML')
    .option('--json', 'print one JSON object: file, ok, issues')
    .addHelpText('after', examples)
    .action((file: string, { json }: { readonly json?: boolean }) => {
      const { issues, summary } = check(file);
      const ok = issues.length === 0;
      if (json) say(JSON.stringify({ file, ok, issues }, null, 2));
      else if (ok) say(`${file}: ok${summary === undefined ? '' : `, ${summary}`}`);
      else for (const issue of issues) say(formatIssue(issue));
      process.exitCode = ok ? 0 : 2;
    });
}

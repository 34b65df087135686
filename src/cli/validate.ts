import { Command } from 'commander';
import { formatIssue, type Issue } from '../config/issue.ts';
import { print } from './print.ts';

/** What a check of a config file says: its issues, and a line for people when there are none. */
export interface CheckReport {
  readonly issues: readonly Issue[];
  /** Like "4 rules"; undefined when there is nothing to add. */
  readonly summary?: string;
}

/** What the command needs from the rest. */
export interface ValidateParts {
  readonly check: (file: string) => CheckReport;
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
export function validateCommand(parts: ValidateParts): Command {
  const say = parts.print ?? print;
  return new Command('validate')
    .description('check a config and all the files that it names; print every issue')
    .argument('<file>', 'the config, in YAML')
    .option('--json', 'print one JSON object: file, ok, issues')
    .addHelpText('after', examples)
    .action((file: string, { json }: { readonly json?: boolean }) => {
      const { issues, summary } = parts.check(file);
      const ok = issues.length === 0;
      if (json) say(JSON.stringify({ file, ok, issues }, null, 2));
      else if (ok) say(`${file}: ok${summary === undefined ? '' : `, ${summary}`}`);
      else for (const issue of issues) say(formatIssue(issue));
      process.exitCode = ok ? 0 : 2;
    });
}

import { Command } from 'commander';
import { formatIssue, formatNote } from '../config/issue.ts';
import type { CheckReport } from './offline.ts';
import { print } from './print.ts';

/** What the command may be given instead of the real thing. */
interface ValidateParts {
  readonly check?: (file: string) => CheckReport | Promise<CheckReport>;
  readonly print?: (line: string) => void;
}

const examples = `
Every issue is one line: file:line:col path message. Exit code 0: no issues, 2: issues.
Notes come before, in the form "note: file:line message": what is not supported of a rule set. They change no exit code.

Examples:
  portcullis validate portcullis.yaml
  portcullis validate portcullis.yaml --json | jq -r '.issues[].message'
  REDIS_URL=redis://127.0.0.1:6379 portcullis validate portcullis.yaml
`;

const checkConfig = async (file: string): Promise<CheckReport> => (await import('./offline.ts')).checkConfig(file);

/** The command `validate`: every issue of a config at its place, without starting anything. */
export function validateCommand(parts: ValidateParts = {}): Command {
  const { check = checkConfig, print: say = print } = parts;
  return new Command('validate')
    .description('check a config and all the files that it names; print every issue')
    .argument('<file>', 'the config, in YAML')
    .option('--json', 'print one JSON object: file, ok, issues, and notes where there are any')
    .addHelpText('after', examples)
    .action(async (file: string, { json }: { readonly json?: boolean }) => {
      const { issues, notes = [], summary } = await check(file);
      const ok = issues.length === 0;
      if (json) {
        say(JSON.stringify({ file, ok, issues, ...(notes.length > 0 && { notes }) }, null, 2));
      } else {
        for (const note of notes) say(`note: ${formatNote(note)}`);
        for (const issue of issues) say(formatIssue(issue));
        if (ok) say(`${file}: ok${summary === undefined ? '' : `, ${summary}`}`);
      }
      process.exitCode = ok ? 0 : 2;
    });
}

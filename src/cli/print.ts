import { formatIssue, type Issue } from '../config/issue.ts';

/** Prints text and a line feed to standard output, whole also where that is a pipe. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints issues, one a line or as one JSON object, and gives the exit code for a bad config. */
export function refuseIssues(issues: readonly Issue[], json = false, say: (text: string) => void = print): 2 {
  if (json) say(JSON.stringify({ ok: false, issues }, null, 2));
  else for (const issue of issues) say(formatIssue(issue));
  return 2;
}

import { Command } from 'commander';
import { showCommand } from './audit/show.ts';
import { verifyCommand } from './audit/verify.ts';
import { print } from './print.ts';

/** The command `audit`: looks into what was written. */
export function auditCommand(say: (text: string) => void = print): Command {
  const command = new Command('audit')
    .description('verify audit events, and tell the story of one call')
    .enablePositionalOptions();
  command.addCommand(verifyCommand(say));
  command.addCommand(showCommand(say));
  return command;
}

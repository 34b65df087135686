import { Command } from 'commander';
import { listCommand } from './key/list.ts';
import { newCommand } from './key/new.ts';
import { revokeCommand } from './key/revoke.ts';
import { rotateCommand } from './key/rotate.ts';
import type { Say } from './key/running.ts';
import { print } from './print.ts';

/** The command `key`: makes API keys, lists them, takes them back and replaces them, in a keys file or in the shared store. */
export function keyCommand(say: Say = print): Command {
  const command = new Command('key')
    .description('make, list, take back and replace API keys')
    .enablePositionalOptions();
  for (const make of [newCommand, listCommand, revokeCommand, rotateCommand]) command.addCommand(make(say));
  return command;
}

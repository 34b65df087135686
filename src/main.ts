import { Command } from 'commander';
import { runCommandLine } from './cli/usage.ts';
import { version } from './cli/version.ts';

/** Every command, loaded only when it is asked for: one that prints a token need not wait for all the others. */
const commands = {
  serve: async () => (await import('./cli/serve.ts')).serveCommand(),
  validate: async () => (await import('./cli/validate.ts')).validateCommand(),
  explain: async () => (await import('./cli/explain.ts')).explainCommand(),
  test: async () => (await import('./cli/test.ts')).testCommand(),
  roles: async () => (await import('./cli/roles.ts')).rolesCommand(),
  key: async () => (await import('./cli/key.ts')).keyCommand(),
  revoke: async () => (await import('./cli/revoke.ts')).revokeCommand(),
  bans: async () => (await import('./cli/bans.ts')).bansCommand(),
  audit: async () => (await import('./cli/audit.ts')).auditCommand(),
  schema: async () => (await import('./cli/schema.ts')).schemaCommand(),
  demo: async () => (await import('./cli/demo.ts')).demoCommand(),
} as const satisfies Record<string, () => Promise<Command>>;

const args = process.argv.slice(2);
const asked = Object.entries(commands).filter(([name]) => name === args[0]);
const program = new Command('portcullis')
  .description('One sidecar that turns Envoy into a secure API gateway.')
  .version(version)
  // Else a value like "-Vx" behind a command's option would be an option of ours.
  .enablePositionalOptions();
for (const [, load] of asked.length === 0 ? Object.entries(commands) : asked) program.addCommand(await load());

// Whoever reads us may stop reading (head, a pager): what is left to say is then for nobody.
process.stdout.on('error', () => {});

await runCommandLine(program, args);

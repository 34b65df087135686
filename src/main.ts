import { Command } from 'commander';
import { demoCommand } from './cli/demo.ts';
import { explainCommand } from './cli/explain.ts';
import { keyCommand } from './cli/key.ts';
import { checkConfig } from './cli/offline.ts';
import { schemaCommand } from './cli/schema.ts';
import { serveCommand } from './cli/serve.ts';
import { testCommand } from './cli/test.ts';
import { runCommandLine } from './cli/usage.ts';
import { validateCommand } from './cli/validate.ts';

const program = new Command('portcullis')
  .description('One sidecar that turns Envoy into a secure API gateway.')
  .addCommand(serveCommand())
  .addCommand(validateCommand({ check: checkConfig }))
  .addCommand(explainCommand())
  .addCommand(testCommand())
  .addCommand(keyCommand())
  .addCommand(schemaCommand())
  .addCommand(demoCommand());

// Whoever reads us may stop reading (head, a pager): what is left to say is then for nobody.
process.stdout.on('error', () => {});

await runCommandLine(program, process.argv.slice(2));

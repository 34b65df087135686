import { Command } from 'commander';
import type { JsonSchema } from '../core/build.ts';
import { print } from './print.ts';

const examples = `
Editors that know YAML use it for completion and for help on every key:
  # yaml-language-server: $schema=./config.schema.json

Examples:
  portcullis schema > config.schema.json
  portcullis schema | jq '.properties | keys'
`;

/** The command `schema`: the JSON Schema of the config, for editors and for other checkers. */
export function schemaCommand(schema?: JsonSchema, say: (text: string) => void = print): Command {
  return new Command('schema')
    .description('print the JSON Schema of the config')
    .addHelpText('after', examples)
    .action(async () => {
      const { configSchema } = await import('../config/config.ts');
      const { publishSchema } = await import('../config/shape/schema.ts');
      say(publishSchema(schema ?? configSchema).trimEnd());
    });
}

import { Command } from 'commander';

const examples = `
The config is read again when it or a file that it names changes, and on SIGHUP; a config with issues changes nothing.
SIGTERM and SIGINT end calls in order. Audit events go to standard output, the log to standard error.
Exit code 0: ended, 1: could not start, 2: the config has issues.

Examples:
  portcullis serve portcullis.yaml
  REDIS_URL=redis://127.0.0.1:6379 portcullis serve portcullis.yaml
  kill -HUP PID          # read the config again
`;

/** The command `serve`: answers Envoy until it is told to end. */
export const serveCommand = (): Command =>
  new Command('serve')
    .description('answer Envoy: Authorization/Check, ExternalProcessor/Process and RateLimitService/ShouldRateLimit')
    .argument('<file>', 'the config')
    .addHelpText('after', examples)
    .action(async (file: string) => {
      process.exitCode = await (await import('./serving.ts')).serve(file);
    });

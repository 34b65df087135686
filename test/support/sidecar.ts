import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOrphanGuard } from '../../src/demo/guard.ts';
import { answerTo } from '../../src/demo/http-answer.ts';
import { type Child, startChild } from '../../src/envoy/child.ts';
import { waitFor } from '../../src/envoy/condition.ts';

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

/** A page of the admin server. */
export interface AdminPage {
  readonly status: number;
  readonly body: string;
}

/** An audit event as it stands on standard output, as far as tests look into it. */
export interface AuditLine {
  readonly class_uid: number;
  readonly message?: string;
  readonly severity_id: number;
  readonly status_id?: number;
  readonly actor?: { readonly app_name?: string };
  readonly unmapped: { readonly portcullis: Readonly<Record<string, unknown>> };
}

/** `portcullis serve` in a process of its own. */
export interface SidecarProcess {
  /** Where it answers, with real ports. */
  readonly grpc: string;
  readonly admin: string;
  /** Empty where the config asks for no public pages. */
  readonly public: string;
  /** Empty where the config takes no access log. */
  readonly accessLog: string;
  readonly child: Child;
  page(path: string): Promise<AdminPage>;
  /** The value of a series of /metrics, written like `name{label="value"}`; 0 where there is none. */
  metric(series: string): Promise<number>;
  /** Everything on standard output so far, whole lines. */
  stdout(): Promise<string>;
  audit(): Promise<readonly AuditLine[]>;
  /** Ends it by SIGTERM and removes its folder. Resolves with how it ended. */
  stop(): Promise<string>;
}

/** What to serve. */
export interface SidecarOptions {
  /** The config's text, or the path of a file that exists. */
  readonly config: string | { readonly file: string };
  /** Files beside the config, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A `serve` that was started and may not listen yet, or never. */
export interface Launched {
  readonly child: Child;
  readonly folder: string;
  readonly stdoutFile: string;
  /** Ends it by SIGTERM unless it has ended, and removes its folder. Resolves with how it ended. */
  stop(): Promise<string>;
}

/** Starts `portcullis serve`; standard output goes to a file, standard error to the child's output. */
export async function launchSidecar({ config, files = {}, env = {} }: SidecarOptions): Promise<Launched> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-sidecar-'));
  await mkdir(join(folder, 'config'));
  const place = (name: string): string => join(folder, 'config', name);
  if (typeof config === 'string') await writeFile(place('portcullis.yaml'), config);
  for (const [name, text] of Object.entries(files)) await writeFile(place(name), text);
  const file = typeof config === 'string' ? place('portcullis.yaml') : config.file;
  const stdoutFile = join(folder, 'stdout');
  const child = await startChild({
    name: 'Portcullis',
    command: '/bin/sh',
    args: ['-c', `exec "$0" "$@" > '${stdoutFile}'`, process.execPath, main, 'serve', file],
    env: { ...process.env, ...env },
  });
  const guard = startOrphanGuard();
  guard.watch(child.pid);
  const stop = async (): Promise<string> => {
    await child.stop();
    guard.dismiss();
    await rm(folder, { recursive: true, force: true });
    return child.ended;
  };
  return { child, folder, stdoutFile, stop };
}

/** Starts a sidecar and resolves when it listens; its config should listen on port 0. */
export async function startSidecarProcess(options: SidecarOptions): Promise<SidecarProcess> {
  const launched = await launchSidecar(options);
  const { child, stdoutFile } = launched;
  try {
    const holds = async (): Promise<boolean> => listening(child) !== undefined;
    await waitFor({ what: 'Portcullis listens', holds, child });
  } catch (error) {
    await launched.stop();
    throw error;
  }
  const { grpc = '', admin = '', public: pages = '', accessLog = '' } = listening(child) ?? {};
  const stdout = async (): Promise<string> => {
    const text = await readFile(stdoutFile, 'utf8');
    return text.slice(0, text.lastIndexOf('\n') + 1);
  };
  const page = (path: string): Promise<AdminPage> => getPage(`http://${admin}${path}`);
  return {
    grpc,
    admin,
    public: pages,
    accessLog,
    child,
    page,
    metric: async (series) => seriesOf((await page('/metrics')).body, series),
    stdout,
    audit: async () => auditLines(await stdout()),
    stop: launched.stop,
  };
}

/** The value of a series in Prometheus text; 0 where there is none. */
export function seriesOf(text: string, series: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

/** The audit events of a text with one on each line; records of the access log beside them have no class. */
export const auditLines = (text: string): readonly AuditLine[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): AuditLine => JSON.parse(line))
    .filter(({ class_uid }) => class_uid !== undefined);

/** A plain HTTP GET on a connection of its own. */
export const getPage = (url: string): Promise<AdminPage> => answerTo(request(url, { agent: false, timeout: 5000 }));

function listening(
  child: Child,
):
  | { readonly grpc: string; readonly admin: string; readonly public?: string; readonly accessLog?: string }
  | undefined {
  const line = child
    .output()
    .split('\n')
    .slice(0, -1)
    .find((candidate) => candidate.includes('"message":"listening"'));
  return line === undefined ? undefined : JSON.parse(line);
}

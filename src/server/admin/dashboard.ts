import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HeaderMutation } from '../../core/decision.ts';
import { type Page, textPage } from '../http/page.ts';

/** The files of the dashboard: a page that asks for the token, and shows what the admin API tells whoever has it. */
interface Dashboard {
  /** Whether a path is one of them. */
  takes(path: string): boolean;
  /** The file at a path. Rejects where it cannot be read. */
  page(request: IncomingMessage, path: string): Promise<Page>;
}

const root = '/dashboard';
const own = [
  'style.css',
  'app.js',
  'ask.js',
  'bans.js',
  'decisions.js',
  'dom.js',
  'explain.js',
  'format.js',
  'overview.js',
  'plots.js',
  'panels.js',
  'theme.js',
] as const;
const plots = ['uPlot.iife.min.js', 'uPlot.min.css'] as const;

// Beside src and build alike.
const folder = new URL('../../../dashboard/', import.meta.url);
const { resolve } = createRequire(import.meta.url);

/** Every file that a browser loads, by the path that it asks for. */
export const dashboardFiles: ReadonlyMap<string, string> = new Map([
  [root, fileURLToPath(new URL('index.html', folder))],
  ...own.map((name): [string, string] => [`${root}/${name}`, fileURLToPath(new URL(name, folder))]),
  ...plots.map((name): [string, string] => [`${root}/${name}`, resolve(`uplot/dist/${name}`)]),
]);

const types: Readonly<Record<string, string>> = Object.freeze({
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
});

// What is shown comes from callers, hostile ones too: nothing but our own files runs, and the page talks to nobody else.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

interface Asset {
  readonly type: string;
  readonly plain: Uint8Array;
  readonly zipped: Uint8Array;
}

const zip = promisify(gzip);

async function load(file: string): Promise<Asset> {
  const plain = await readFile(file);
  return {
    type: types[extname(file)] ?? 'application/octet-stream',
    plain,
    zipped: await zip(plain, { level: 9 }),
  };
}

/** Opens the dashboard; a file is read when it is first asked for, and kept. */
export function openDashboard(): Dashboard {
  const assets = new Map<string, Asset>();
  return {
    takes: (path) => path === '/' || dashboardFiles.has(path),
    page: async (request, path) => {
      // Relative, for whoever has put us below a path of their own.
      if (path === '/') return textPage(302, 'see the dashboard', [{ name: 'location', value: root.slice(1) }]);
      const asset = assets.get(path) ?? (await load(dashboardFiles.get(path) ?? ''));
      assets.set(path, asset);
      return pageOf(request, asset);
    },
  };
}

function pageOf({ headers }: IncomingMessage, { type, plain, zipped }: Asset): Page {
  const always: readonly HeaderMutation[] = [
    { name: 'vary', value: 'accept-encoding' },
    { name: 'content-security-policy', value: policy },
    { name: 'cross-origin-opener-policy', value: 'same-origin' },
    { name: 'cross-origin-resource-policy', value: 'same-origin' },
  ];
  const typed = [...always, { name: 'content-type', value: type }];
  if (!/\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))) return { status: 200, headers: typed, body: plain };
  return { status: 200, headers: [...typed, { name: 'content-encoding', value: 'gzip' }], body: zipped };
}

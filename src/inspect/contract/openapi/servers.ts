import { isObject } from '../../../core/json.ts';

const maxBases = 64;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Every URL that a server stands for: its variables by what they may be, else by their default. */
function urlsOf(server: unknown): readonly string[] {
  if (!isObject(server) || typeof server['url'] !== 'string') return [];
  let urls: readonly string[] = [server['url']];
  for (const [name, variable] of Object.entries(isObject(server['variables']) ? server['variables'] : {})) {
    const { enum: allowed, default: fallback } = Object(variable);
    const values = listOf(allowed).length > 0 ? listOf(allowed) : [fallback ?? ''];
    urls = urls.flatMap((url) =>
      url.includes(`{${name}}`) ? values.map((value) => url.replaceAll(`{${name}}`, String(value))) : [url],
    );
    urls = urls.slice(0, maxBases);
  }
  return urls;
}

/** The path that stands before every path of a contract, without a slash at its end. */
function basePath(url: string): string {
  const path = URL.parse(url, 'https://contract.invalid')?.pathname ?? '/';
  return path.replace(/\/+$/, '');
}

/**
 * The base paths of a contract: the one that the config states, else those of the innermost servers (OpenAPI 3, section
 * 4.8.5) of the operation, the path or the document; without any, none stands before the paths.
 */
export function basePaths(stated: string | undefined, ...servers: readonly unknown[]): readonly string[] {
  if (stated !== undefined) return [stated.replace(/\/+$/, '')];
  const nearest = servers.find((list) => listOf(list).length > 0);
  const bases = [...new Set(listOf(nearest).flatMap(urlsOf).map(basePath))];
  return bases.length === 0 ? [''] : bases;
}

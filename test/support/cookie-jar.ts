/** The cookies of one browser on one site, as far as __Host- cookies need it. */
export interface CookieJar {
  /** Takes Set-Cookie lines. */
  take(lines: readonly string[]): void;
  /** The Cookie header; undefined when there is none. */
  header(): string | undefined;
  names(): readonly string[];
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  drop(name: string): void;
  copy(): CookieJar;
}

/** Opens a jar. */
export function openCookieJar(cookies: ReadonlyMap<string, string> = new Map()): CookieJar {
  const kept = new Map(cookies);
  return {
    take: (lines) => {
      for (const line of lines) {
        const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
        const [name = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
        const over = attributes.some((attribute) => /^(max-age=0|expires=Thu, 01 Jan 1970.*)$/i.test(attribute));
        if (over) kept.delete(name);
        else kept.set(name, value);
      }
    },
    header: () => (kept.size === 0 ? undefined : [...kept].map(([name, value]) => `${name}=${value}`).join('; ')),
    names: () => [...kept.keys()],
    get: (name) => kept.get(name),
    set: (name, value) => void kept.set(name, value),
    drop: (name) => void kept.delete(name),
    copy: () => openCookieJar(kept),
  };
}

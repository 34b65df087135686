import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { findTool } from './tool.ts';

/** Path of Chromium, which is installed on the way where it can be. Throws with what to do otherwise. */
export const chromiumBinary = (): string =>
  findTool({ command: 'chromium', variable: 'CHROMIUM_BIN', debianPackage: 'chromium' });

/** A Chromium that runs without a window. */
export interface TestBrowser {
  /** A person of their own: cookies are apart from everybody else's. */
  person(): Promise<BrowserContext>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

// It talks to nobody by itself, and only over TCP; without the sandbox where we are root, which has none.
const flags = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** Starts Chromium with an empty profile. */
export async function startBrowser(): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-browser-'));
  const browser: Browser = await chromium.launch({
    executablePath: chromiumBinary(),
    headless: true,
    args: flags,
    env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
  });
  return {
    // The authority of the gateway's certificate lives as long as the test.
    person: () => browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 640, height: 480 } }),
    close: async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

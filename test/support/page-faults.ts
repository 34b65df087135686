import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** What is wrong with a page for people who see little, or nothing. */
interface PageFaults {
  /** Texts whose contrast to what is behind them is below 4.5 : 1 (WCAG 2.2, 1.4.3), each with its ratio. */
  readonly faint: readonly string[];
  /** What can be used and has no name, what is an id twice, and references that lead nowhere. */
  readonly unlabelled: readonly string[];
}

const script = readFileSync(join(import.meta.dirname, 'page-faults.js'), 'utf8');

/** Looks for them on a page as it stands. */
export const pageFaults = (page: Page): Promise<PageFaults> => page.evaluate(script);

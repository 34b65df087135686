#!/usr/bin/env node
import { existsSync } from 'node:fs';

// A checkout runs its sources as they are; a release ships only what tsc made of them.
const source = new URL('../src/main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../build/main.js', import.meta.url).href);

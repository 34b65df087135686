#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error(`portcullis needs Node 22.15 or newer, this is ${process.version}; in a checkout, "npm ci" brings it.`);
  process.exit(1);
}

// It halves the time of a start. Coverage is counted less exactly with it, and where it cannot write nothing is lost.
if (!process.env.NODE_V8_COVERAGE) module.enableCompileCache();

// A checkout runs its sources as they are; a release ships only what tsc made of them.
const source = new URL('../src/main.ts', import.meta.url);
await import(existsSync(source) ? source.href : new URL('../build/main.js', import.meta.url).href);

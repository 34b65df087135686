import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { compileOffline } from '../../src/cli/offline.ts';
import { configSchema } from '../../src/config/config.ts';
import { formatIssue } from '../../src/config/issue.ts';
import { openConfig } from '../../src/config/open.ts';
import { formats } from '../../src/config/shape/formats.ts';
import { publishSchema } from '../../src/config/shape/schema.ts';
import { fillReference, keyRows } from './reference.ts';

const docs = join(import.meta.dirname, '../../docs');
const renew = process.env['UPDATE_FIXTURES'] === '1';

test('the published schema is that of the code, and a schema by its own dialect', () => {
  const file = join(docs, 'config.schema.json');
  const wanted = publishSchema(configSchema);
  if (renew) writeFileSync(file, wanted);
  assert.equal(readFileSync(file, 'utf8'), wanted);
  const ajv = new Ajv2020({
    strict: false,
    formats: Object.fromEntries(Object.keys(formats).map((name) => [name, true])),
  });
  assert.equal(ajv.validateSchema(configSchema), true, ajv.errorsText());
});

test('every key stands on the reference page with what it takes and its default', () => {
  const file = join(docs, 'config.md');
  const page = readFileSync(file, 'utf8');
  const filled = fillReference(page, keyRows(configSchema));
  if (renew) writeFileSync(file, filled.page);
  assert.deepEqual(filled.missing, []);
  assert.equal(renew ? readFileSync(file, 'utf8') : page, filled.page);
});

test('every key has a description', () => {
  assert.deepEqual(
    keyRows(configSchema)
      .filter(({ text, value }) => text === '' && !value.startsWith('`'))
      .map(({ path }) => path),
    [],
  );
});

test('the examples of the reference page load', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'reference-'));
  cpSync(join(import.meta.dirname, 'files'), folder, { recursive: true });
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const page = readFileSync(join(docs, 'config.md'), 'utf8');
  const snippets = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  assert.ok(snippets.length > 10);
  for (const snippet of snippets.filter((text) => !/^# (?:keys|bindings)\.yaml|^# limits\//.test(text))) {
    const whole = /^version:/m.test(snippet) ? snippet : `version: 1\n${snippet}`;
    const file = join(folder, 'config.yaml');
    writeFileSync(file, /^rules:/m.test(whole) ? whole : `${whole}rules: []\n`);
    const opening = openConfig(file, {});
    compileOffline(opening)?.close();
    assert.deepEqual(opening.issues().map(formatIssue), [], snippet);
  }
});

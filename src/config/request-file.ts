import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Attributes } from '../core/attributes.ts';
import { fileReader } from './files/reader.ts';
import { formatPath, type Issue, shownFile } from './issue.ts';
import { type RequestDescription, requestSchema, toAttributes } from './request.ts';
import { shapeOf } from './shape/schema.ts';
import { readDocument } from './yaml/read-document.ts';

/** The attributes that a file describes, or what is wrong with it. */
type RequestFile =
  | { readonly ok: true; readonly attributes: Attributes }
  | { readonly ok: false; readonly issues: readonly Issue[] };

const shape = shapeOf(requestSchema);
const standardInput = 0;

/** Reads a request description from a file, or from standard input for "-". Nothing of the environment is put into it. */
export function readRequestFile(file: string): RequestFile {
  const shown = file === '-' ? 'standard input' : shownFile(file);
  const read = (): Uint8Array => (file === '-' ? readFileSync(standardInput) : fileReader.read(resolve(file)));
  const document = readDocument(read);
  const problems = document.problems.length > 0 ? [] : shape.check(document.value);
  const issues = [
    ...document.problems,
    ...problems.map(({ path, aim, message }) => ({ ...document.locate(path, aim), path, message })),
  ].map(({ line, col, path, message }) => ({ file: shown, line, col, path: formatPath(path), message }));
  if (issues.length > 0) return { ok: false, issues };
  // The schema has just been held against it.
  return { ok: true, attributes: toAttributes(document.value as RequestDescription) };
}

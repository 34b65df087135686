import { readFailure } from '../files/reader.ts';
import { decodeText, type ParsedDocument, parseDocument, refusedDocument, textProblem } from './document.ts';
import type { Substitute } from './environment.ts';

/** Reads and parses a document. That its bytes cannot be had, or are no text, is a problem of it like any other. */
export function readDocument(read: () => Uint8Array, substitute?: Substitute): ParsedDocument {
  let bytes: Uint8Array;
  try {
    bytes = read();
  } catch (error) {
    return refusedDocument(`cannot read the file: ${readFailure(error)}`);
  }
  const problem = textProblem(bytes);
  return problem === undefined ? parseDocument(decodeText(bytes), substitute) : refusedDocument(problem);
}

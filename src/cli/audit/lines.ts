import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { Line } from '../../audit/proof/index.ts';

/** The lines of a file, or of standard input (`-`), one after the other; what ends in .gz is unpacked. Rejects as reading it does. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  const raw = file === '-' ? process.stdin : createReadStream(file);
  const bytes = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  // A pipe hands nothing on of what its source meets.
  raw.on('error', (error: Error) => bytes.destroy(error));
  let rest = '';
  let number = 0;
  for await (const chunk of bytes.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      number += 1;
      yield { file, number, text, ended: true };
    }
  }
  if (rest !== '') yield { file, number: number + 1, text: rest, ended: false };
}

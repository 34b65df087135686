import type { BuildContext, SourceFile } from '../../core/build.ts';

const leastBytes = 32;
const mostKeys = 8;
const encoded = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** Reads the key files of sessions; what is wrong is an issue. The context is that of the list of their names. */
export function readSessionKeys(names: readonly string[], context: BuildContext): readonly Uint8Array[] {
  if (names.length > mostKeys) context.issue([], `must name at most ${mostKeys} files`);
  return names.slice(0, mostKeys).flatMap((name, index) => {
    const file = context.at(index).file(name);
    return file === undefined ? [] : readKey(file);
  });
}

function readKey(file: SourceFile): readonly Uint8Array[] {
  const text = file.text.trim();
  const key = Buffer.from(text, 'base64');
  const fault = encoded.test(text) ? faultOfKey(key) : 'must hold base64 and nothing else';
  if (fault !== undefined) file.issueAt(1, `${fault}; make one with: openssl rand -base64 32`);
  return fault === undefined ? [key] : [];
}

function faultOfKey(key: Uint8Array): string | undefined {
  if (key.length < leastBytes) return `must hold at least ${leastBytes} random bytes`;
  // Thirty-two random bytes have fewer than twelve different values once in 10^20 times.
  return new Set(key).size < 12 ? 'is not random' : undefined;
}

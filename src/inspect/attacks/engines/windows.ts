/** The most bytes of UTF-8 that the library looks at in one string; what is longer it cuts off. */
const mostBytes = 4096;
const windowLength = 4000;
const overlap = 400;
// A code unit of UTF-16 takes at most three bytes.
const wideWindowLength = 1360;

/** The pieces in which a long text is looked at: each within the library's bound, and overlapping the one before. */
export function windowsOf(text: string): readonly string[] {
  if (text.length * 3 <= mostBytes) return [text];
  const bytes = Buffer.byteLength(text);
  if (bytes <= mostBytes) return [text];
  const length = bytes === text.length ? windowLength : wideWindowLength;
  const windows: string[] = [];
  for (let start = 0; ; start += length - overlap) {
    windows.push(text.slice(start, start + length));
    if (start + length >= text.length) return windows;
  }
}

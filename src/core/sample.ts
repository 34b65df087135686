/** Whether an id falls into a share (0 to 1) of all ids: the same id always gives the same answer, on every instance. */
export function sampled(id: string, share: number): boolean {
  if (share >= 1) return true;
  return share > 0 && hash(id) / 2 ** 32 < share;
}

// FNV-1a, then a finalizer that spreads ids that differ only at their end.
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

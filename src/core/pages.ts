/**
 * Zeros for something large, in pages that the system gives us for it alone and gets back as a whole. What is allocated in
 * the usual way comes out of an arena of its thread, which keeps most of what has been freed, also after the thread.
 */
export const ownPages = (bytes: number): Uint8Array<ArrayBuffer> =>
  // A buffer that could be resized is made so, even if it has its last size from the start.
  new Uint8Array(new ArrayBuffer(bytes, { maxByteLength: bytes }));

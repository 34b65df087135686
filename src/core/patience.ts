/** Resolves when the work is done or has failed, after boundMs at the latest. */
export async function settleWithin(work: Promise<unknown>, boundMs: number): Promise<void> {
  const { promise: expired, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, boundMs);
  await Promise.race([Promise.allSettled([work]), expired]);
  clearTimeout(timer);
}

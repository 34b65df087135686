/** The counter store is away or did not answer in time; the hits may or may not stand. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A command line that cannot be meant; the message says what to change. */
export class UsageProblem extends Error {
  override readonly name = 'UsageProblem';
}

/** Something that the user can put right: the message says what and how, and a stack trace would only hide it. */
export class SetupProblem extends Error {
  override readonly name = 'SetupProblem';
}

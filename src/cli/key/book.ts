import type { KeyWords } from '../../authn/index.ts';
import type { Keys } from '../../config/keys/edit.ts';
import type { Consulted } from './consult.ts';

/** Where the entries of keys are kept. Its methods reject with a KeysProblem. */
export interface KeyBook {
  /** Where, for people. */
  readonly place: string;
  /** The roles of the config that names the place; undefined where no config, or none of its roles, is known. */
  readonly roles?: readonly string[];
  /** Asks which keys have been taken back beside the book; undefined where no config says whom to ask. */
  readonly consult?: () => Promise<Consulted>;
  list(): Promise<Iterable<KeyWords>>;
  /**
   * Puts the entries that edit makes of those that stand there: an entry whose id is there takes the other's place. Changes
   * at once come one after the other. What edit throws ends the change.
   */
  change(edit: (keys: Keys) => readonly KeyWords[]): Promise<void>;
  close(): Promise<void>;
}

/** What was asked of a book of keys could not be done; the message says what to do. */
export class KeysProblem extends Error {
  override readonly name = 'KeysProblem';
}

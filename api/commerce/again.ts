import { Problem } from '../problem.ts';
import { wasEndedForAnother } from './database-failure.ts';

/** A number that we drew is somebody else's already: draw another one. The transaction (or savepoint) is lost. */
export class NumberTaken extends Error {
  override readonly name = 'NumberTaken';
}

const ATTEMPTS = 4;

/**
 * Runs a transaction, and up to three times again when Postgres ended it for the sake of another one, or when a number we drew was
 * taken: `beforeRenumbering` then runs first. Numbers that others take each time are a 409 in the end.
 */
export async function again<T>(
  work: () => Promise<T>,
  beforeRenumbering: () => Promise<void> = async () => {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const isTaken = error instanceof NumberTaken;
      if (isTaken && attempt === ATTEMPTS) {
        throw new Problem('conflict', 'Others take the numbers that are next: send it again.', { cause: error });
      }
      if (attempt === ATTEMPTS || !(isTaken || wasEndedForAnother(error))) throw error;
      if (isTaken) await beforeRenumbering();
    }
  }
}

/** The command was called wrongly in a way its options' own checks can't see. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

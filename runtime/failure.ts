/** A condition the operator can mend. `message` says what is wrong, `remedy` what to do; shown without a stack. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly remedy: string | undefined;
  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** The import was asked for in a way that can't work (wrong option, map or file name): nothing was read or written. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused';
  readonly remedy: string | undefined;
  constructor(message: string, remedy?: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

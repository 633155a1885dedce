/** Talk for the person at the terminal: stderr, since stdout is for data. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

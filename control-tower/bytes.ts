/** Bytes as people read them: `12 KiB`, `1.5 MiB`. */
export function bytes(count: number): string {
  return count < 1_048_576 ? `${Math.ceil(count / 1_024)} KiB` : `${(count / 1_048_576).toFixed(1)} MiB`;
}

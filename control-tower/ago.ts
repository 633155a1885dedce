/** How long ago, in the largest unit that says something: `5 s`, `3 min`, `2 h`, `4 d`. */
export function ago(iso: string, now: number = Date.now()): string {
  return span(now - Date.parse(iso));
}

/** A length of time in milliseconds, as `ago` writes it. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** For how far figures are behind: `80 ms`, `1.2 s`, `3 min`. */
export function delay(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 90_000 ? `${(milliseconds / 1_000).toFixed(1)} s` : span(milliseconds);
}

export function bytes(count: number): string {
  return count < 1_048_576 ? `${Math.ceil(count / 1_024)} KiB` : `${(count / 1_048_576).toFixed(1)} MiB`;
}

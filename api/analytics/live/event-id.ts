/**
 * The id of an event: the stream's position, and a digest of each query's answer as the client has it once it has read the
 * event. So a client that comes again is sent what differs, and nothing else, whatever happened meanwhile: a restart, a new
 * day, a copy of everything.
 */
export function eventId(position: string | null, digests: readonly (string | null)[]): string {
  return `${position ?? '0/0'};${digests.map((digest) => digest ?? '').join(',')}`;
}

/** The digests of an id; all null for anything but an id of as many queries. */
export function knownDigests(lastEventId: string | undefined, queries: number): (string | null)[] {
  const [, digests] = /^[0-9A-F]{1,8}\/[0-9A-F]{1,8};([\w,-]*)$/.exec(lastEventId ?? '') ?? [];
  const known = digests?.split(',').map((digest) => (digest === '' ? null : digest)) ?? [];
  return known.length === queries ? known : Array<null>(queries).fill(null);
}

/** Verification of a test instance, whose stream runs in this process. */
import { parseLsn } from '../cdc/lsn.ts';
import type { Stream } from '../ingestion/stream.ts';
import type { VerifiedStream } from './verify.ts';

export function inProcessStream(stream: Stream): VerifiedStream {
  return {
    hold: () => stream.hold(),
    clone: (at, suffix) => stream.clone(parseLsn(at), suffix),
    release: () => stream.release(),
  };
}

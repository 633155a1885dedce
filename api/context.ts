import type { Identity } from './auth/token.ts';

/** What every handler finds in its request's context. */
export interface ApiEnv {
  Variables: {
    requestId: string;
    /** Set for endpoints that need a token; see `identityOf`. */
    identity: Identity | null;
    /** Fires when the client goes away or the request has taken too long. */
    signal: AbortSignal;
  };
}

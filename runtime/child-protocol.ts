// What the supervisor and its Node children say to each other over IPC. A child exits when the channel closes.
import type { RateLimits } from '../api/rate-limit.ts';
import type { Config } from './config.ts';
import type { Secrets } from './secrets.ts';
import type { ServiceView } from './service.ts';

/** The first message to a child: all it must know. Over IPC, since the environment of a process can be read by others. */
export interface ChildSettings {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: Config['LOG_LEVEL'];
  readonly rateLimits: RateLimits;
  readonly trustedProxies: readonly string[];
  /** Where a process on this machine reaches the API. */
  readonly apiUrl: string;
  /** Orders per minute of the demo's traffic. */
  readonly demoRate: number;
  readonly postgresUrl: string;
  readonly clickhouseUrl: string;
  readonly tenantReaderUrl: string;
  readonly platformReaderUrl: string;
  readonly secrets: Secrets;
  /** Bearer token of the stream's control server. */
  readonly controlToken: string;
}

/** What the supervisor knows of the whole; sent to the API at every change. */
export interface InstanceView {
  readonly services: readonly ServiceView[];
  /** Why it is not ready although every process is up, such as migrations under way. */
  readonly pending: readonly string[];
  readonly control: { readonly url: string; readonly token: string } | null;
}

export type ToChild =
  | { readonly type: 'configure'; readonly settings: ChildSettings }
  | { readonly type: 'view'; readonly view: InstanceView }
  | { readonly type: 'ping' }
  | { readonly type: 'stop' };

export type FromChild =
  | { readonly type: 'ready' }
  | { readonly type: 'pong' }
  | { readonly type: 'control'; readonly url: string }
  /** How far it is; one line. */
  | { readonly type: 'progress'; readonly line: string }
  | { readonly type: 'failed'; readonly message: string; readonly remedy?: string };

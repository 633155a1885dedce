/** A database server running as a child process of ours. */
export interface Engine {
  readonly name: 'postgres' | 'clickhouse';
  readonly pid: number;
  /** Administrative URL, password included: never log it. */
  readonly url: string;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<EngineExit>;
  /** Asks it something trivial; settles, either way, when it answers. */
  probe(): Promise<unknown>;
  /** Stops cleanly; after `timeoutMs` (default 5,000) the hard way. Resolves when the process is gone. */
  stop(timeoutMs?: number): Promise<void>;
}

export interface EngineExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines it wrote to stderr, to say why it ended. */
  readonly lastWords: string;
}

export type EngineOutput = (line: string) => void;

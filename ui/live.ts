// Live figures: one stream per page carries the answers of all its queries (GET /api/v1/kpis/stream).
import { createParser } from 'eventsource-parser';
import { startTransition, useEffect, useMemo, useRef, useState } from 'react';
import { ApiProblem, send } from './api.ts';
import type { AsOf, KpiAnswer, KpiQuery } from './kpi.ts';
import { inBrandDays } from './looking-at.ts';

export interface LiveFigures<Name extends string> {
  /** What is asked; the same objects while they are equal in value. */
  readonly queries: Readonly<Record<Name, KpiQuery>>;
  /**
   * The latest answer of each query; absent until the first has come. Stays when the connection is lost. An event brings one answer, all others
   * stay the same objects: what shows only them (`memo`) is not drawn again.
   */
  readonly answers: Readonly<Partial<Record<Name, KpiAnswer>>>;
  /** What is wrong with one query; the others go on. */
  readonly problems: Readonly<Partial<Record<Name, ApiProblem>>>;
  /** Goes up when something of the brand has changed, whether or not a figure has: what is shown besides figures is asked for again. */
  readonly moved: number;
  /** Why there is no stream at all; null while there is one or it is being sought. */
  readonly failure: ApiProblem | null;
  readonly asOf: AsOf | null;
  /** `lost` is sought again by itself; `refused` was answered with a 4xx, stays so until `retry` or another question, and `failure` says why. */
  readonly connection: 'connecting' | 'open' | 'lost' | 'refused';
  /** The figures do not move: there is no connection, or the platform stands still. They are shown greyed, with their time. */
  readonly isStale: boolean;
  /** Tries again now. */
  readonly retry: () => void;
}

type Live<Name extends string> = Omit<LiveFigures<Name>, 'queries' | 'retry' | 'isStale'>;

const nothingYet: Live<never> = {
  ...{ answers: {}, problems: {}, moved: 0 },
  ...{ failure: null, asOf: null, connection: 'connecting' },
};

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

/**
 * The answers of `queries`, kept up to date without reload. `brand` is the brand (id or slug) a platform role looks at. Queries
 * that are equal in value keep their stream; changed ones open another, and figures of the old stay until the new are there.
 */
export function useLiveFigures<Name extends string>(
  queries: Readonly<Record<Name, KpiQuery>>,
  brand?: string,
): LiveFigures<Name> {
  const key = JSON.stringify([queries, brand ?? null]);
  const [state, setState] = useState<Live<Name>>(nothingYet as Live<Name>);
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(key);

  // `key` stands for queries and brand; `attempt` forces a new stream.
  useEffect(() => {
    const leaving = new AbortController();
    const isOtherQuestion = latest.current !== key;
    latest.current = key;
    setState((before) => ({
      ...before,
      ...(isOtherQuestion ? ({ answers: {}, problems: {} } as Pick<Live<Name>, 'answers' | 'problems'>) : {}),
      failure: null,
      connection: 'connecting',
    }));
    const names = Object.keys(queries) as Name[];
    void follow(names, queries, brand, leaving.signal, (change) =>
      setState((before) => ({ ...before, ...change(before) })),
    );
    return () => leaving.abort();
  }, [key, attempt]);

  const asked = useMemo(() => queries, [key]);
  // While the first connection is sought, there is nothing old.
  const isFirst = state.connection === 'connecting' && Object.keys(state.answers).length === 0;
  const isStale = (state.connection !== 'open' && !isFirst) || state.asOf?.state === 'stalled';
  return { ...state, queries: asked, isStale, retry: () => setAttempt((count) => count + 1) };
}

type Update<Name extends string> = (change: (before: Live<Name>) => Partial<Live<Name>>) => void;

async function follow<Name extends string>(
  names: readonly Name[],
  queries: Readonly<Record<Name, KpiQuery>>,
  brand: string | undefined,
  signal: AbortSignal,
  update: Update<Name>,
): Promise<void> {
  // Drawing what has come never holds up what the reader does, nor a frame.
  const show: Update<Name> = (change) => startTransition(() => update(change));
  let isFirst = true;
  const url = `/api/v1/kpis/stream?${names.map((name) => `query=${encodeURIComponent(JSON.stringify(inBrandDays(queries[name], brand)))}`).join('&')}`;
  let lastEventId: string | undefined;
  let pause = FIRST_RETRY_MS;
  const parser = createParser({
    onEvent: ({ event, data, id }) => {
      lastEventId = id ?? lastEventId;
      pause = FIRST_RETRY_MS;
      const value = JSON.parse(data) as unknown;
      if (event === 'moved') show(({ moved }) => ({ moved: moved + 1 }));
      if (event === 'as-of') show(() => ({ asOf: value as AsOf }));
      if (event === 'figures') {
        const { query, ...answer } = value as KpiAnswer & { query: number };
        const name = names[query] as Name;
        show(({ answers, problems }) => ({
          answers: { ...answers, [name]: answer },
          problems: { ...problems, [name]: undefined },
          asOf: answer.asOf,
        }));
      }
      if (event === 'problem') {
        const { query, status, type, detail } = value as {
          query: number;
          status: number;
          type: string;
          detail: string;
        };
        const problem = new ApiProblem(status, type, detail, null);
        show(({ problems }) => ({ problems: { ...problems, [names[query] as Name]: problem } }));
      }
    },
  });
  while (!signal.aborted) {
    try {
      const headers = {
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        ...(brand === undefined ? {} : { 'x-tenant-id': brand }),
      };
      const response = await send(url, { headers, signal });
      // Nobody knows what has changed while there was no connection.
      const missed = isFirst ? 0 : 1;
      isFirst = false;
      update(({ moved }) => ({ connection: 'open', failure: null, moved: moved + missed }));
      await read(response, (text) => parser.feed(text));
    } catch (error) {
      if (signal.aborted) return;
      const problem =
        error instanceof ApiProblem ? error : new ApiProblem(0, 'network', 'The connection was lost.', null);
      update(() => ({ failure: problem }));
      // What is wrong with the question will not get better by asking again.
      if (problem.status >= 400 && problem.status < 500 && problem.status !== 429) {
        update(() => ({ connection: 'refused' }));
        return;
      }
    }
    parser.reset();
    if (signal.aborted) return;
    update(() => ({ connection: 'lost' }));
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, LONGEST_RETRY_MS);
  }
}

async function read(response: Response, feed: (text: string) => void): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) return;
    feed(part.value);
  }
}

import { formatSpan, formatTime } from '../../ui/format.ts';
import { bytes } from '../bytes.ts';
import type { Beat, Pipeline } from '../platform.ts';
import { texts } from '../texts.ts';

interface Stage {
  readonly id: keyof typeof texts.stages;
  /** Undefined while nothing is known. */
  readonly tone: 'good' | 'warn' | 'bad' | undefined;
  readonly facts: readonly (readonly [label: string, value: string])[];
}

/** The path from commit to figure as a picture, with what is known of each part. */
export function Path({ pipeline }: { readonly pipeline: Pipeline | undefined }) {
  return (
    <ol className="path">
      {stagesOf(pipeline).map(({ id, tone, facts }) => (
        <li key={id} data-tone={tone} data-stage={id}>
          <div>
            <strong>{texts.stages[id]}</strong>
            <span className="stage-note">{texts.stageNotes[id]}</span>
          </div>
          <dl>
            {facts.map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd className="number">{value}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ol>
  );
}

/** The stream in a word; of nobody who answers, that. */
export function conditionOf(pipeline: Pipeline | undefined): Beat['state'] {
  return pipeline?.stream?.state ?? 'silent';
}

export function toneOf(state: Beat['state']): 'good' | 'warn' | 'bad' {
  return state === 'live' || state === 'idle' ? 'good' : state === 'lagging' || state === 'starting' ? 'warn' : 'bad';
}

function stagesOf(pipeline: Pipeline | undefined): Stage[] {
  const { services = [], stream = null, deadLetters = [], api } = pipeline ?? {};
  const service = (name: string): Stage['tone'] => {
    if (pipeline === undefined) return undefined;
    const found = services.find((one) => one.name === name);
    // An engine of one's own is no process of ours: the stream says whether it is there.
    return found === undefined || found.state === 'up' ? 'good' : 'bad';
  };
  const flow = pipeline === undefined ? undefined : toneOf(conditionOf(pipeline));
  const known = (value: number | null | undefined, show: (value: number) => string = String) =>
    value === null || value === undefined ? '–' : show(value);
  const letters = Math.max(deadLetters.length, stream?.deadLetters ?? 0);
  const drift = stream?.drift ?? pipeline?.drift.length;
  return [
    {
      id: 'postgres',
      tone: service('postgres'),
      facts: [[texts.lastCommit, stream?.lastCommit ? formatTime(stream.lastCommit, 'UTC') : '–']],
    },
    {
      id: 'stream',
      tone: service('stream') === 'bad' ? 'bad' : flow,
      facts: [
        [texts.lag, known(stream?.lagBytes, bytes)],
        [texts.rate, known(stream?.rowsPerSecond)],
      ],
    },
    {
      id: 'raw',
      tone: letters > 0 ? 'bad' : flow,
      facts: [
        [texts.deadLetters, pipeline ? String(letters) : '–'],
        [texts.store, known(stream?.storeMs, (ms) => formatSpan(ms))],
      ],
    },
    {
      id: 'facts',
      tone: (stream?.staleKeys ?? 0) > 0 ? 'bad' : flow,
      facts: [
        [texts.staleKeys, known(stream?.staleKeys)],
        [texts.refresh, known(stream?.refreshMs, (ms) => formatSpan(ms))],
      ],
    },
    {
      id: 'marts',
      tone: service('clickhouse') === 'bad' || (drift ?? 0) > 0 ? 'bad' : flow,
      facts: [
        [texts.drift, known(drift)],
        [texts.sampled, known(stream?.sampled, (count) => count.toLocaleString('en-GB'))],
      ],
    },
    {
      id: 'api',
      tone: pipeline === undefined ? undefined : 'good',
      facts: [
        [texts.requests, known(api?.requestsPerSecond)],
        [texts.p95, known(api?.p95Ms, (ms) => formatSpan(ms))],
        [texts.streams, known(api?.streams)],
      ],
    },
  ];
}

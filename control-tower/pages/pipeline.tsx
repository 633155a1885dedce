import { createLazyRoute } from '@tanstack/react-router';
import { DataTable } from '../../ui/components/data-table.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { formatTime } from '../../ui/format.ts';
import { Alerts } from '../components/alerts.tsx';
import { type Platform, usePlatform } from '../platform.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/pipeline')({ component: Pipeline });

function Pipeline() {
  useTitle(texts.pages.pipeline, texts.product);
  const platform = usePlatform();
  return (
    <>
      <header className="page-head">
        <h1>{texts.pages.pipeline}</h1>
        <span className="pill" data-tone={platform.alerts.some(({ tone }) => tone === 'bad') ? 'bad' : 'good'}>
          {platform.alerts.some(({ tone }) => tone === 'bad') ? texts.notReady : texts.ready}
        </span>
      </header>
      <section className="block" aria-label={texts.path}>
        <h2>{texts.path}</h2>
        <ol className="path">
          {stagesOf(platform).map(({ name, tone, facts }) => (
            <li key={name} data-tone={tone}>
              <strong>{name}</strong>
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
      </section>
      <Alerts />
      <section className="panel">
        <h2>{texts.processes}</h2>
        <div className="table-scroll">
          <DataTable
            rows={platform.services}
            caption={texts.processes}
            empty=""
            keyOf={({ name }) => name}
            columns={[
              {
                id: 'name',
                title: texts.process,
                cell: ({ name }) => <strong>{name}</strong>,
                value: ({ name }) => name,
              },
              {
                id: 'state',
                title: texts.state,
                cell: ({ state }) => (
                  <span className="pill" data-tone={state === 'up' ? 'good' : 'bad'}>
                    {state}
                  </span>
                ),
                value: ({ state }) => state,
              },
              {
                id: 'since',
                title: texts.since,
                isNumber: true,
                cell: ({ since }) => formatTime(since, 'UTC'),
                value: ({ since }) => since,
              },
              {
                id: 'restarts',
                title: texts.restarts,
                isNumber: true,
                cell: ({ restarts }) => restarts,
                value: ({ restarts }) => restarts,
              },
              { id: 'reason', title: texts.reason, cell: ({ reason }) => reason ?? '–', value: ({ reason }) => reason },
            ]}
          />
        </div>
      </section>
    </>
  );
}

interface Stage {
  readonly name: string;
  readonly tone: 'good' | 'warn' | 'bad';
  readonly facts: readonly (readonly [label: string, value: string])[];
}

function stagesOf({ services, stream, drift }: Platform): Stage[] {
  const toneOf = (name: string) => (services.find((service) => service.name === name)?.state === 'up' ? 'good' : 'bad');
  const flow = stream === null || stream.state === 'stalled' ? 'bad' : stream.state === 'lagging' ? 'warn' : 'good';
  const ms = (value: number | undefined) => `${Math.round(value ?? 0)} ms`;
  return [
    {
      name: texts.stages.postgres,
      tone: toneOf('postgres'),
      facts: [[texts.applied, stream?.lastCommit ? formatTime(stream.lastCommit, 'UTC') : '–']],
    },
    {
      name: texts.stages.stream,
      tone: flow,
      facts: [
        [texts.rate, String(Math.round(stream?.rowsPerSecond ?? 0))],
        [texts.lag, `${Math.round((stream?.lagBytes ?? 0) / 1024)} KiB`],
      ],
    },
    {
      name: texts.stages.raw,
      tone: (stream?.deadLetters ?? 0) > 0 ? 'bad' : flow,
      facts: [
        [texts.store, ms(stream?.storeMs)],
        [texts.deadLetters, String(stream?.deadLetters ?? '–')],
      ],
    },
    {
      name: texts.stages.facts,
      tone: drift > 0 ? 'bad' : flow,
      facts: [
        [texts.refresh, ms(stream?.refreshMs)],
        [texts.staleKeys, String(stream?.staleKeys ?? '–')],
      ],
    },
    { name: texts.stages.clickhouse, tone: toneOf('clickhouse'), facts: [[texts.drift, String(drift)]] },
    {
      name: texts.stages.api,
      tone: 'good',
      facts: [[texts.freshness, stream?.appliedAt ? formatTime(stream.appliedAt, 'UTC') : '–']],
    },
  ];
}

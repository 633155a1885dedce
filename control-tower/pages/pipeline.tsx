import { createLazyRoute } from '@tanstack/react-router';
import type { ApiProblem } from '../../ui/api.ts';
import { Failure } from '../../ui/components/failure.tsx';
import { useTitle } from '../../ui/components/shell.tsx';
import { formatTime } from '../../ui/format.ts';
import { Alerts } from '../components/alerts.tsx';
import { conditionOf, Path, toneOf } from '../components/path.tsx';
import { Processes } from '../components/processes.tsx';
import { PulsePanel } from '../components/pulse-panel.tsx';
import { DeadLetters, Verification } from '../components/waiting.tsx';
import { useHistory, usePipeline } from '../platform.ts';
import { behindChart, flowChart } from '../pulse-option.ts';
import { texts } from '../texts.ts';

export const route = createLazyRoute('/pipeline')({ component: PipelinePage });

function PipelinePage() {
  useTitle(texts.pages.pipeline, texts.product);
  const { data: pipeline, error, refetch } = usePipeline();
  const history = useHistory();
  const state = conditionOf(pipeline);
  const isReady = pipeline !== undefined && pipeline.reasons.length === 0;
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          <h1>{texts.pages.pipeline}</h1>
          {pipeline ? (
            <p className="live-status" data-state={state === 'silent' ? 'stalled' : state} role="status">
              <span className="live-dot" aria-hidden="true" />
              <span>
                {texts.stages.stream} {texts.streamState[state]}
              </span>
              {pipeline.movedAt ? (
                <span className="number live-time">
                  {texts.position}{' '}
                  <time dateTime={pipeline.movedAt}>
                    {formatTime(pipeline.movedAt, 'UTC')} {texts.utc}
                  </time>
                </span>
              ) : null}
            </p>
          ) : (
            <p className="live-status">…</p>
          )}
        </div>
        {pipeline ? (
          <span className="pill" data-tone={isReady ? toneOf(state) : 'bad'} title={pipeline.reasons.join('\n')}>
            {isReady ? texts.ready : `${texts.notReady}: ${pipeline.reasons[0]}`}
          </span>
        ) : null}
      </header>
      {error ? <Failure problem={error as ApiProblem} retry={() => void refetch()} /> : null}
      <section className="block" aria-label={texts.path} data-stale={error ? true : undefined}>
        <Path pipeline={pipeline} />
      </section>
      <Alerts />
      <div className="two">
        <PulsePanel
          title={texts.freshnessHour}
          chart={behindChart}
          beats={history.data?.beats}
          problem={(history.error as ApiProblem | null) ?? undefined}
          fileName="freshness-last-hour"
        />
        <PulsePanel
          title={texts.flowHour}
          chart={flowChart}
          beats={history.data?.beats}
          problem={(history.error as ApiProblem | null) ?? undefined}
          fileName="changes-last-hour"
        />
      </div>
      <p className="page-note">{texts.freshnessNote}</p>
      <DeadLetters letters={pipeline?.deadLetters} />
      <Verification pipeline={pipeline} />
      <Processes services={pipeline?.services} />
    </>
  );
}

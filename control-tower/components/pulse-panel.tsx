import { useCallback } from 'react';
import type { ApiProblem } from '../../ui/api.ts';
import type { Colour } from '../../ui/chart-options.ts';
import { ChartFrame } from '../../ui/components/chart-frame.tsx';
import { formatTime } from '../../ui/format.ts';
import type { Beat } from '../platform.ts';
import { type PulseChart, pulseOption } from '../pulse-option.ts';
import { texts } from '../texts.ts';

export interface PulsePanelProps {
  readonly title: string;
  readonly chart: (beats: readonly Beat[], until: string) => PulseChart;
  readonly beats: readonly Beat[] | undefined;
  readonly problem: ApiProblem | undefined;
  readonly fileName: string;
}

const NONE: readonly Beat[] = [];

/** One measure of the path over the last hour. */
export function PulsePanel({ title, chart, beats, problem, fileName }: PulsePanelProps) {
  const option = useCallback(
    (colour: Colour) => pulseOption(chart(beats ?? NONE, beats?.at(-1)?.at ?? new Date().toISOString()), colour),
    [chart, beats],
  );
  const { value, format } = chart(beats ?? NONE, '');
  return (
    <ChartFrame
      title={title}
      rows={beats ?? NONE}
      columns={[
        {
          id: 'at',
          title: texts.time,
          cell: ({ at }) => `${formatTime(at, 'UTC')} ${texts.utc}`,
          value: ({ at }) => at,
        },
        { id: 'state', title: texts.state, cell: ({ state }) => texts.streamState[state], value: ({ state }) => state },
        {
          ...{ id: 'value', title, isNumber: true },
          cell: (beat) => {
            const now = value(beat);
            return now === null ? '–' : format(now);
          },
          value,
        },
      ]}
      option={option}
      label={title}
      height={180}
      problem={beats === undefined ? problem : undefined}
      isLoading={beats === undefined}
      isStale={problem !== undefined}
      empty={texts.noBeats}
      fileName={fileName}
    />
  );
}

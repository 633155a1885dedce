import { Link } from '@tanstack/react-router';
import type { ApiProblem } from '../../ui/api.ts';
import { Panel } from '../../ui/components/panel.tsx';
import { formatAge, formatSpan, formatTime } from '../../ui/format.ts';
import { type Alert, placeOf, useAlerts } from '../platform.ts';
import { texts } from '../texts.ts';

/**
 * What the platform itself knows to be wrong, worst first, and what was lately; one calm line when nothing is. Of one brand, or all.
 * `comes`: the page's health of brands, which brings them along, is still being asked for.
 */
export function Alerts({ brand, comes = false }: { readonly brand?: string; readonly comes?: boolean }) {
  const { data, error, refetch } = useAlerts(comes);
  const isOf = ({ brands }: Alert) => brand === undefined || brands.length === 0 || brands.includes(brand);
  const isOld = error !== null && data !== undefined;
  return (
    <div className="alerts">
      <Panel
        title={texts.alerts}
        hint={isOld ? texts.alertsUnknown : undefined}
        of={data}
        awaited={{ height: 24 }}
        problem={isOld ? null : (error as ApiProblem | null)}
        retry={() => void refetch()}
        isStale={isOld}
      >
        {({ current, ended }) => (
          <div className="alert-list" aria-live="polite">
            {current.some(isOf) ? (
              <ul>
                {current.filter(isOf).map((alert) => (
                  <CurrentAlert key={alert.id} alert={alert} />
                ))}
              </ul>
            ) : (
              <p className="calm">
                <span aria-hidden="true">✓</span> {texts.noAlerts}
              </p>
            )}
            {ended.some(isOf) ? <EndedAlerts alerts={ended.filter(isOf)} /> : null}
          </div>
        )}
      </Panel>
    </div>
  );
}

function CurrentAlert({ alert }: { readonly alert: Alert }) {
  const { tone, title, effect, since, about, brands } = alert;
  return (
    <li className="alert" data-tone={tone}>
      <span className="pill" data-tone={tone}>
        <span aria-hidden="true">{tone === 'bad' ? '■' : '▲'}</span> {texts.alertTone[tone]}
      </span>
      <div className="alert-text">
        <strong>{title}</strong>
        <span>{effect}</span>
        <span className="alert-note">
          <time dateTime={since} className="number">
            {texts.sinceTime(`${formatTime(since, 'UTC', false)} ${texts.utc}`, formatAge(since))}
          </time>
          {about !== 'brand' && brands.length > 0 ? (
            <>
              {' '}
              · {texts.ofBrands}{' '}
              {brands.map((slug) => (
                <Link key={slug} to="/brands/$brand" params={{ brand: slug }} search={true}>
                  {slug}{' '}
                </Link>
              ))}
            </>
          ) : null}
        </span>
      </div>
      <Link className="button" to={placeOf(alert)} search={true} hash={about === 'brand' ? undefined : about}>
        {texts.look[about]} <span aria-hidden="true">→</span>
      </Link>
    </li>
  );
}

function EndedAlerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  return (
    <details className="ended">
      <summary>
        {texts.ended} <span className="number">({alerts.length})</span>
      </summary>
      <ul>
        {alerts.map(({ id, title, since, endedAt }) => (
          <li key={`${id} ${endedAt}`}>
            {title}{' '}
            <span className="alert-note number">
              {texts.lasted(
                `${formatTime(endedAt ?? since, 'UTC', false)} ${texts.utc}`,
                formatSpan(Date.parse(endedAt ?? since) - Date.parse(since)),
              )}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

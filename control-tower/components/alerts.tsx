import { Link } from '@tanstack/react-router';
import { formatAge, formatSpan, formatTime } from '../../ui/format.ts';
import { type Alert, placeOf, useAlerts } from '../platform.ts';
import { texts } from '../texts.ts';

/**
 * What the platform itself knows to be wrong, worst first, and what was lately; one calm line when nothing is. Of one brand, or all.
 * `comes`: the page's health of brands, which brings them along, is still being asked for.
 */
export function Alerts({ brand, comes = false }: { readonly brand?: string; readonly comes?: boolean }) {
  const { data, isError } = useAlerts(comes);
  const isOf = ({ brands }: Alert) => brand === undefined || brands.length === 0 || brands.includes(brand);
  const [current, ended] = [(data?.current ?? []).filter(isOf), (data?.ended ?? []).filter(isOf)];
  return (
    <section className="panel alerts" aria-label={texts.alerts} aria-live="polite">
      <h2>{texts.alerts}</h2>
      {isError ? (
        <p className="alert" data-tone="bad">
          {texts.alertsUnknown}
        </p>
      ) : data === undefined ? (
        <div className="skeleton" style={{ height: 24 }} aria-hidden="true" />
      ) : (
        <div className="alert-list">
          {current.length === 0 ? (
            <p className="calm">
              <span aria-hidden="true">✓</span> {texts.noAlerts}
            </p>
          ) : (
            <ul>
              {current.map((alert) => (
                <CurrentAlert key={alert.id} alert={alert} />
              ))}
            </ul>
          )}
          {ended.length > 0 ? <EndedAlerts alerts={ended} /> : null}
        </div>
      )}
    </section>
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

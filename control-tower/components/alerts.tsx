import { usePlatform } from '../platform.ts';
import { texts } from '../texts.ts';

/** What the platform itself knows to be wrong, worst first; one calm line when nothing is. */
export function Alerts() {
  const { alerts, isKnown } = usePlatform();
  if (!isKnown) return null;
  return (
    <section className="panel alerts" aria-label={texts.alerts}>
      <h2>{texts.alerts}</h2>
      {alerts.length === 0 ? (
        <p className="calm">{texts.noAlerts}</p>
      ) : (
        <ul>
          {alerts.map(({ tone, text }) => (
            <li key={text}>
              <span className="pill" data-tone={tone}>
                {tone === 'bad' ? 'Now' : 'Look'}
              </span>
              {text}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

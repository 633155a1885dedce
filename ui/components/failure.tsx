import type { ApiProblem } from '../api.ts';
import { texts } from '../texts.ts';

/** What failed, what to do, and the id to quote. */
export function Failure({ problem, retry }: { readonly problem: ApiProblem; readonly retry?: () => void }) {
  return (
    <div className="failure" role="alert">
      <p>{problem.message}</p>
      {problem.requestId ? (
        <p className="failure-id">
          {texts.requestId}: <code>{problem.requestId}</code>
        </p>
      ) : null}
      {retry ? (
        <button type="button" className="button" onClick={retry}>
          {texts.retry}
        </button>
      ) : null}
    </div>
  );
}

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api.ts';
import { preparePrinting } from './print.ts';
import { applyTheme } from './theme.ts';
import './theme.css';
import './kit.css';

/** Starts an app in its page. */
export function start(app: ReactNode): void {
  applyTheme();
  preparePrinting();
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchOnWindowFocus: false,
        // A refusal stays one; what is merely not there yet is asked for again.
        retry: (count, error) =>
          count < 3 && error instanceof ApiProblem && (error.status === 0 || error.status >= 500),
      },
    },
  });
  const root = document.getElementById('root');
  if (root === null) throw new Error('The page has no #root');
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>{app}</QueryClientProvider>
    </StrictMode>,
  );
}

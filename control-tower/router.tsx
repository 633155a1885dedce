import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  useLocation,
  useNavigate,
} from '@tanstack/react-router';
import { RowsPanel } from '../ui/components/rows-panel.tsx';
import { Shell } from '../ui/components/shell.tsx';
import { useSessionOf } from '../ui/session.ts';
import { texts } from './texts.ts';

const pages = [
  { path: '/', title: texts.pages.overview },
  { path: '/pipeline', title: texts.pages.pipeline },
  { path: '/brands', title: texts.pages.brands },
  { path: '/users', title: texts.pages.users },
  { path: '/audit', title: texts.pages.audit },
] as const;

/** What one page hands to the next: the period it looks at, not its own filters. */
function kept(search: Record<string, unknown>): Record<string, unknown> {
  const shared = ['period', 'from', 'to', 'compare', 'currency'];
  return Object.fromEntries(shared.flatMap((key) => (search[key] === undefined ? [] : [[key, search[key]]])));
}

function Frame() {
  const session = useSessionOf('/control-tower/');
  const navigate = useNavigate();
  const { pathname } = useLocation();
  return (
    <Shell
      product={texts.product}
      owner={texts.owner}
      pages={pages}
      current={pathname.startsWith('/brands/') ? '/brands' : pathname}
      link={(page, children) => (
        <Link to={page.path} search={kept as never}>
          {children}
        </Link>
      )}
      go={(page) => void navigate({ to: page.path, search: kept as never })}
    >
      {session ? <Outlet /> : null}
      <RowsPanel orderLink={orderOfBrand} />
    </Shell>
  );
}

const root = createRootRoute({ component: Frame, validateSearch: (search: Record<string, unknown>) => search });
const overview = createRoute({ getParentRoute: () => root, path: '/' }).lazy(() =>
  import('./pages/overview.tsx').then(({ route }) => route),
);
const pipeline = createRoute({ getParentRoute: () => root, path: '/pipeline' }).lazy(() =>
  import('./pages/pipeline.tsx').then(({ route }) => route),
);
const brands = createRoute({ getParentRoute: () => root, path: '/brands' }).lazy(() =>
  import('./pages/brands.tsx').then(({ route }) => route),
);
const brand = createRoute({ getParentRoute: () => root, path: '/brands/$brand' }).lazy(() =>
  import('./pages/brand.tsx').then(({ route }) => route),
);
const users = createRoute({ getParentRoute: () => root, path: '/users' }).lazy(() =>
  import('./pages/users.tsx').then(({ route }) => route),
);
const audit = createRoute({ getParentRoute: () => root, path: '/audit' }).lazy(() =>
  import('./pages/audit.tsx').then(({ route }) => route),
);

export const router = createRouter({
  routeTree: root.addChildren([overview, pipeline, brands, brand, users, audit]),
  basepath: '/control-tower',
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** The order's page of the brand's own dashboards, read-only. */
function orderOfBrand(number: string, brand: string | undefined) {
  if (brand === undefined) return number;
  return <a href={`/brand/@${brand}/orders/${encodeURIComponent(number)}`}>{number}</a>;
}

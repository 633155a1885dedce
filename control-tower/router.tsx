import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  useLocation,
  useNavigate,
} from '@tanstack/react-router';
import { Shell } from '../ui/components/shell.tsx';
import { useSessionOf } from '../ui/session.ts';
import { texts } from './texts.ts';

const pages = [
  { path: '/', title: texts.pages.overview },
  { path: '/pipeline', title: texts.pages.pipeline },
] as const;

function Frame() {
  const session = useSessionOf('/control-tower/');
  const navigate = useNavigate();
  const { pathname } = useLocation();
  return (
    <Shell
      product={texts.product}
      owner={texts.owner}
      pages={pages}
      current={pathname}
      link={(page, children) => (
        <Link to={page.path} search={true}>
          {children}
        </Link>
      )}
      go={(page) => void navigate({ to: page.path, search: true })}
    >
      {session ? <Outlet /> : null}
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

export const router = createRouter({
  routeTree: root.addChildren([overview, pipeline]),
  basepath: '/control-tower',
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

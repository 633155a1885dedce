import {
  createRootRoute,
  createRoute,
  createRouter,
  Link,
  Outlet,
  useLocation,
  useNavigate,
} from '@tanstack/react-router';
import { LookingBanner } from '../ui/components/looking-banner.tsx';
import { RowsPanel } from '../ui/components/rows-panel.tsx';
import { Shell } from '../ui/components/shell.tsx';
import { useLookedAtBrand } from '../ui/looked-at-brand.ts';
import { brandBase, lookingAt } from '../ui/looking-at.ts';
import { useSessionOf } from '../ui/session.ts';
import { CustomerLink, OrderLink } from './components/order-link.tsx';
import { texts } from './texts.ts';

const pages = [
  { path: '/', title: texts.pages.overview },
  { path: '/sales', title: texts.pages.sales },
  { path: '/orders', title: texts.pages.orders },
  { path: '/inventory', title: texts.pages.inventory },
  { path: '/fulfilment', title: texts.pages.fulfilment },
  { path: '/customers', title: texts.pages.customers },
  { path: '/kpis', title: texts.pages.kpis },
  { path: '/settings', title: texts.pages.settings },
] as const;

function Frame() {
  const session = useSessionOf('/brand/');
  const lookedAt = useLookedAtBrand();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  return (
    <Shell
      product={texts.product}
      owner={session?.brand?.name ?? lookedAt.data?.name ?? '…'}
      pages={pages}
      current={pathname}
      link={(page, children) => (
        <Link to={page.path} search={true}>
          {children}
        </Link>
      )}
      go={(page) => void navigate({ to: page.path, search: true })}
    >
      {session && lookingAt !== null ? <LookingBanner role={session.role} /> : null}
      {session && lookedAt.error === null ? <Outlet /> : null}
      <RowsPanel
        orderLink={(number) => <OrderLink number={number} />}
        customerLink={(id) => <CustomerLink id={id} />}
      />
    </Shell>
  );
}

const root = createRootRoute({ component: Frame, validateSearch: (search: Record<string, unknown>) => search });
const overview = createRoute({ getParentRoute: () => root, path: '/' }).lazy(() =>
  import('./pages/overview.tsx').then(({ route }) => route),
);
const sales = createRoute({ getParentRoute: () => root, path: '/sales' }).lazy(() =>
  import('./pages/sales.tsx').then(({ route }) => route),
);
const inventory = createRoute({ getParentRoute: () => root, path: '/inventory' }).lazy(() =>
  import('./pages/inventory.tsx').then(({ route }) => route),
);
const fulfilment = createRoute({ getParentRoute: () => root, path: '/fulfilment' }).lazy(() =>
  import('./pages/fulfilment.tsx').then(({ route }) => route),
);
const orders = createRoute({ getParentRoute: () => root, path: '/orders' }).lazy(() =>
  import('./pages/orders.tsx').then(({ route }) => route),
);
const order = createRoute({ getParentRoute: () => root, path: '/orders/$number' }).lazy(() =>
  import('./pages/order.tsx').then(({ route }) => route),
);
const kpis = createRoute({ getParentRoute: () => root, path: '/kpis' }).lazy(() =>
  import('./pages/kpis.tsx').then(({ route }) => route),
);
const customers = createRoute({ getParentRoute: () => root, path: '/customers' }).lazy(() =>
  import('./pages/customers.tsx').then(({ route }) => route),
);
const settings = createRoute({ getParentRoute: () => root, path: '/settings' }).lazy(() =>
  import('./pages/settings.tsx').then(({ route }) => route),
);

export const router = createRouter({
  routeTree: root.addChildren([overview, sales, orders, order, inventory, fulfilment, customers, kpis, settings]),
  basepath: brandBase,
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

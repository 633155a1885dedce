/** How long the demo takes to seed, and until an empty store answers the first question about all its figures. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnInstance } from '../../verify/soak/own-instance.ts';
import { demoBrands } from './brands.ts';
import { readDemoPassword } from './password.ts';
import { demoUsers } from './users.ts';

export interface DemoBenchReport {
  readonly name: 'demo';
  /** From the first to the last row in Postgres. */
  readonly seedSeconds: number;
  /** From the command to the answer that knows every order of every brand. */
  readonly firstKpiSeconds: number;
  readonly rows: number;
  readonly orders: number;
  readonly goal: { readonly seedSeconds: 20; readonly firstKpiSeconds: 30 };
  readonly met: boolean;
}

const goal = { seedSeconds: 20, firstKpiSeconds: 30 } as const;
const TIMEOUT_MS = 600_000;

export async function benchDemo(onProgress: (line: string) => void = () => {}): Promise<DemoBenchReport> {
  const instance = await OwnInstance.temporary('demo', { DEMO: 'seed', LOG_LEVEL: 'info' });
  try {
    onProgress('starting on an empty store');
    const begun = performance.now();
    instance.start();
    const orders = await firstOrders(instance);
    const firstKpiSeconds = Math.round((performance.now() - begun) / 10) / 100;
    const { seconds: seedSeconds, rows } = seeded(instance.dir);
    const met = seedSeconds <= goal.seedSeconds && firstKpiSeconds <= goal.firstKpiSeconds;
    return { name: 'demo', seedSeconds, firstKpiSeconds, rows, orders, goal, met };
  } finally {
    await instance.stop();
    instance.remove();
  }
}

/** Signs in as the executive and asks until an instance that is ready knows all brands. */
async function firstOrders(instance: OwnInstance): Promise<number> {
  for (const end = Date.now() + TIMEOUT_MS; Date.now() < end; await sleep(50)) {
    const orders = await ask(instance).catch(() => null);
    if (orders !== null) return orders;
  }
  throw new Error(`no figures within ${TIMEOUT_MS / 1000} s`);
}

async function ask(instance: OwnInstance): Promise<number | null> {
  if (!(await fetch(`${instance.url()}/readyz`)).ok) return null;
  const { accessToken } = await post<{ accessToken: string }>(`${instance.url()}/api/v1/auth/sign-in`, {
    email: demoUsers.find(({ role }) => role === 'executive')?.email,
    password: readDemoPassword(instance.dir),
  });
  const { rows } = await post<{ rows: { brand: string; orders: number }[] }>(
    `${instance.url()}/api/v1/kpis/query`,
    { measures: ['orders'], timeRange: { from: '2020-01-01', to: '2100-01-01' }, dimensions: ['brand'] },
    accessToken,
  );
  if (rows.length < demoBrands.length) return null;
  return rows.reduce((sum, { orders }) => sum + orders, 0);
}

async function post<T>(url: string, body: unknown, token?: string): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

function seeded(dataDir: string): { seconds: number; rows: number } {
  const log = readFileSync(path.join(dataDir, 'logs/demo.log'), 'utf8');
  const line = log.split('\n').find((text) => text.includes('the demo is seeded'));
  return JSON.parse(line ?? '{}') as { seconds: number; rows: number };
}

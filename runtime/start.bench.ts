/** How long `up` takes on an existing store, and how much memory everything holds: idle, and while orders are imported. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OwnInstance } from '../verify/soak/own-instance.ts';

export interface StartReport {
  readonly name: 'start';
  /** From the command to a ready /readyz, on a store that exists. */
  readonly seconds: number;
  /** Resident memory of all processes; pages shared between Postgres' processes count once (PSS). MB. */
  readonly idleMegabytes: number;
  readonly importMegabytes: number;
  readonly importedLines: number;
  readonly goal: { readonly seconds: 5; readonly idleMegabytes: 1024; readonly importMegabytes: 2048 };
  readonly met: boolean;
}

const goal = { seconds: 5, idleMegabytes: 1024, importMegabytes: 2048 } as const;

export async function benchStart(lines = 200_000, onProgress: (line: string) => void = () => {}): Promise<StartReport> {
  const instance = await OwnInstance.temporary('start');
  try {
    onProgress('first start, on an empty store');
    await instance.ready();
    await instance.command(
      'tenants',
      'create',
      'bench',
      '--name',
      'Bench',
      '--currency',
      'EUR',
      '--timezone',
      'Europe/Paris',
    );
    const file = path.join(instance.parent, 'orders.csv');
    writeFileSync(file, orderLines(lines));
    onProgress(`importing ${lines} lines`);
    const importMegabytes = await peakDuring(instance, () =>
      instance.command('import', 'orders', file, '--tenant', 'bench'),
    );
    await instance.stop();
    onProgress('second start');
    const begun = performance.now();
    await instance.ready();
    const seconds = Math.round((performance.now() - begun) / 10) / 100;
    await sleep(10_000);
    const idleMegabytes = residentMegabytes(instance);
    const met =
      seconds <= goal.seconds && idleMegabytes <= goal.idleMegabytes && importMegabytes <= goal.importMegabytes;
    return { name: 'start', seconds, idleMegabytes, importMegabytes, importedLines: lines, goal, met };
  } finally {
    await instance.stop();
    instance.remove();
  }
}

/** Orders of four lines over a year, in the canonical columns. */
function orderLines(count: number): string {
  const lines = ['order_id,placed_at,customer_id,sku,quantity,unit_price,country'];
  for (let line = 0; line < count; line++) {
    const order = Math.floor(line / 4);
    const placed = new Date(Date.UTC(2025, 0, 1) + order * 600_000).toISOString();
    lines.push(
      `O${order},${placed},C${order % 5000},SKU-${(line * 7) % 2000},${1 + (line % 5)},${(line % 90) + 0.99},FR`,
    );
  }
  return `${lines.join('\n')}\n`;
}

async function peakDuring(instance: OwnInstance, work: () => Promise<{ exitCode: number; stderr: string }>) {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMegabytes(instance));
  }, 250);
  try {
    const { exitCode, stderr } = await work();
    if (exitCode !== 0) throw new Error(stderr);
  } finally {
    clearInterval(timer);
  }
  return peak;
}

/** Proportional set size of the instance's processes, their children and the command that imports. */
function residentMegabytes(instance: OwnInstance): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = readParent(Number(name));
    if (parent !== null) parents.set(Number(name), parent);
  }
  const ours = new Set([process.pid, ...instance.processes().map(({ pid }) => pid)]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (ours.has(pid) || !ours.has(parent)) continue;
      ours.add(pid);
      grown = true;
    }
  }
  ours.delete(process.pid);
  const kilobytes = [...ours].reduce((sum, pid) => sum + proportionalKilobytes(pid), 0);
  return Math.round(kilobytes / 1024);
}

function readParent(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}

function proportionalKilobytes(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

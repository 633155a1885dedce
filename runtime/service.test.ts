import { expect, test } from 'vitest';
import { createBackOff } from './back-off.ts';
import type { EngineExit } from './engines/engine.ts';
import { Service, type ServiceView } from './service.ts';
import { HungStart, startedOrHung } from './silence.ts';

/** A process that ends when told. */
function fakeProcess() {
  let end: (exit: EngineExit) => void = () => {};
  const exited = new Promise<EngineExit>((done) => {
    end = done;
  });
  const die = () => end({ code: null, signal: 'SIGKILL', lastWords: 'out of luck' });
  return { pid: 1, exited, die, stop: async () => die() };
}

test('waits ever longer between restarts, and short again after a good run', () => {
  const backOff = createBackOff();
  expect([1, 2, 3, 4].map(() => backOff.next(50))).toEqual([100, 200, 400, 800]);
  for (let i = 0; i < 10; i++) backOff.next(50);
  expect(backOff.next(50)).toBe(5_000);
  expect(backOff.next(60_000)).toBe(100);
});

test('starts again what ended, counts it and says why', async () => {
  const processes = [fakeProcess(), fakeProcess()];
  const views: ServiceView[] = [];
  let starts = 0;
  const service = new Service({
    name: 'x',
    start: async () => processes[starts++] ?? Promise.reject(new Error('no more')),
    onChange: (view) => views.push(view),
  });
  await service.start();
  processes[0]?.die();
  await expect.poll(() => service.view().restarts).toBe(1);
  await service.whenUp();
  expect(service.view()).toMatchObject({ state: 'up', restarts: 1, reason: 'ended by SIGKILL: out of luck' });
  await service.stop();
  expect(views.map(({ state }) => state)).toEqual(['starting', 'up', 'restarting', 'up', 'stopped']);
  expect(starts).toBe(2);
});

test('restarts only when what it needs is there', async () => {
  const processes = [fakeProcess(), fakeProcess()];
  let starts = 0;
  let open = () => {};
  const gate = new Promise<void>((done) => {
    open = done;
  });
  const service = new Service({
    name: 'x',
    start: async () => processes[starts++] ?? Promise.reject(new Error('no more')),
    gate: () => gate,
    onChange: () => {},
  });
  await service.start();
  processes[0]?.die();
  await new Promise((done) => setTimeout(done, 250));
  expect(starts).toBe(1);
  open();
  await service.whenUp();
  expect(starts).toBe(2);
  await service.stop();
});

test('a first start that fails is for the operator', async () => {
  const service = new Service({ name: 'x', start: () => Promise.reject(new Error('no')), onChange: () => {} });
  await expect(service.start()).rejects.toThrow('no');
  await service.stop();
});

test('a first start that hangs is tried again', async () => {
  const service = new Service({
    name: 'x',
    start: async () => {
      if (service.view().restarts === 0) throw new HungStart('did not answer');
      return fakeProcess();
    },
    onChange: () => {},
  });
  await service.start();
  expect(service.view()).toMatchObject({ state: 'up', restarts: 1, reason: 'did not answer' });
  await service.stop();
});

test('what starts may take as long as it likes while it answers, and is killed when it does not', async () => {
  let fail = (_: Error) => {};
  const started = () =>
    new Promise<string>((done, failed) => {
      fail = failed;
      setTimeout(done, 1_500, 'up');
    });
  const kill = () => fail(new Error('killed'));
  const answers = { probe: async () => {}, patienceMs: 100, kill };
  await expect(startedOrHung(started(), answers)).resolves.toBe('up');
  const hangs = { ...answers, probe: () => new Promise(() => {}) };
  await expect(startedOrHung(started(), hangs)).rejects.toThrow('did not answer for 0 s while it started');
  const ends = startedOrHung(started(), { ...hangs, patienceMs: 100_000 });
  fail(new Error('on its own'));
  await expect(ends).rejects.toThrow('on its own');
});

test('what answers no more is silent, and up again when it answers after all', async () => {
  let answer = () => {};
  const probe = () => new Promise<void>((done) => (answer = done));
  const views: ServiceView[] = [];
  const service = new Service({
    name: 'x',
    start: async () => ({ ...fakeProcess(), probe }),
    onChange: (view) => views.push(view),
    // Ticks every half second, and never at its end here.
    patienceMs: 5_000,
  });
  await service.start();
  await expect.poll(() => service.view().state, { timeout: 10_000 }).toBe('silent');
  expect(service.view().reason).toContain('no answer');
  answer();
  await service.whenUp();
  expect(service.view()).toMatchObject({ state: 'up', reason: null });
  await service.stop();
  expect(views.map(({ state }) => state)).toEqual(['starting', 'up', 'silent', 'up', 'stopped']);
});

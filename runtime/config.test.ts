import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configSchema, configTable, readConfig } from './config.ts';

test('has defaults for everything', () => {
  expect(readConfig({})).toMatchObject({ PORT: 3000, HOST: '127.0.0.1', DEMO: 'on', DEMO_RATE: 12, LOG_LEVEL: 'info' });
});

test('an empty variable counts as unset', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '' })).toMatchObject({ PORT: 3000 });
});

test('proxies are addresses and ranges', () => {
  expect(readConfig({}).TRUSTED_PROXIES).toEqual([]);
  const ranges = ['10.0.0.0/8', 'fd00::/8', '192.0.2.1'];
  expect(readConfig({ TRUSTED_PROXIES: `${ranges[0]}, ${ranges[1]},${ranges[2]}` }).TRUSTED_PROXIES).toEqual(ranges);
  for (const wrong of ['10.0.0.0/33', '0.0.0.0/0', '10.0.0.0/', 'proxy.example', '10.0.0.0/8/8', 'fd00::/-1'])
    expect(() => readConfig({ TRUSTED_PROXIES: wrong }), wrong).toThrow(/TRUSTED_PROXIES: .* is neither/);
});

test('names every wrong key and never its value', () => {
  const read = () => readConfig({ PORT: '0', DATABASE_URL: 'mysql://root:hunter2@host/db', DEMO: 'perhaps' });
  expect(read).toThrow(/PORT[\s\S]*DEMO[\s\S]*DATABASE_URL/);
  expect(read).not.toThrow('hunter2');
});

test('the table explains every key', () => {
  const table = configTable();
  for (const [key, schema] of Object.entries(configSchema.shape)) {
    expect(schema.description, key).toBeTruthy();
    expect(table).toContain(`| \`${key}\` |`);
  }
  expect(table).toContain('| `DATA_DIR` | `.data` |');
});

test('the README shows the table as it is', () => {
  expect(readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')).toContain(configTable());
});

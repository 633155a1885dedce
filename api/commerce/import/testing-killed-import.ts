// Run as a process of its own by the test that kills it: `node --import tsx testing-killed-import.ts FILE URL SLUG`.
import { importOrders } from './import-orders.ts';

const [file = '', databaseUrl = '', tenant = ''] = process.argv.slice(2);
await importOrders({
  file,
  databaseUrl,
  tenant,
  onProgress: ({ phase, done }) => {
    if (phase === 'writing' && done > 0) process.stdout.write('writing\n');
  },
});
process.stdout.write('done\n');

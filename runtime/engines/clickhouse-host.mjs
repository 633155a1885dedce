// Runs a whole ClickHouse server inside this process: the library of the npm package `chdb` exports the command line
// entry of `clickhouse local`, which can open the HTTP and native ports. Plain JavaScript, so that it starts without a loader.
//
// Usage: node clickhouse-host.mjs LIBRARY ARGUMENT...   (arguments as for `clickhouse local`)
// Exits when its parent goes away (the IPC channel closes), so that a killed supervisor leaves no server behind.
import { DataType, load, open } from 'ffi-rs';

const [library, ...args] = process.argv.slice(2);
open({ library: 'chdb', path: library });

// The library installs handlers that swallow SIGTERM; we want our own below.
load({
  library: 'chdb',
  funcName: 'chdb_set_signal_handlers_enabled',
  retType: DataType.Void,
  paramsType: [DataType.I32],
  paramsValue: [0],
});

// An ordinary exit runs the library's destructors while its threads still work, and hangs. Whatever was acknowledged is on
// disk, and the store is made to be cut off at any moment, so the end is a sudden one.
const end = () => process.kill(process.pid, 'SIGKILL');
for (const event of ['disconnect', 'SIGINT', 'SIGTERM', 'SIGHUP']) process.on(event, end);

// Whether we live is asked while the server starts.
process.on('message', (message) => process.send?.(message));

const argv = ['clickhouse', ...args];
// A new thread with a stack of its own: the engine checks its stack and refuses the one a plain FFI call gives it.
const code = await load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.I32,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [argv.length, argv],
  runInNewThread: true,
});
process.exitCode = code || 1;
process.reallyExit(process.exitCode);

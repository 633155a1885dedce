import { createServer } from 'node:net';

/** Free TCP ports of 127.0.0.1. Another process may take one before it is used: callers retry with new ones. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held open together, so that they differ from each other.
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  return Promise.all(
    servers.map(async ({ server, port }) => {
      await new Promise<void>((done) => server.close(() => done()));
      return port;
    }),
  );
}

/** Whether nothing listens on the port of that address now. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  try {
    const { server } = await listen(port, host);
    await new Promise<void>((done) => server.close(() => done()));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

async function listen(port: number, host = '127.0.0.1') {
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, done);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a numeric port');
  return { server, port: address.port };
}

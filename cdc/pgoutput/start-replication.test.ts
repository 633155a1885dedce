import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { expect, it } from 'vitest';
import { beginStreaming } from './start-replication.ts';

const message = (code: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(code, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

/** A socket whose other end answers the first thing it receives with these bytes, in one piece. */
async function answering(bytes: Buffer): Promise<{ socket: Socket; close: () => void }> {
  const server = createServer((peer) => {
    peer.once('data', () => peer.write(bytes));
    peer.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const socket = tcpConnect(port, '127.0.0.1');
  return {
    socket,
    close: () => {
      socket.destroy();
      server.close();
    },
  };
}

const start = { slot: 's', publication: 'p', from: 0n };

// Red when: bytes of the stream that arrive together with the server's "now streaming" are swallowed. A restart would then
// lose its first transactions, and a later acknowledgement make that final.
it('leaves the first changes in the socket when they arrive with the answer', async () => {
  const changes = Buffer.concat([message('d', Buffer.from('first')), message('d', Buffer.from('second'))]);
  const peer = await answering(
    Buffer.concat([message('N', Buffer.from('note')), message('W', Buffer.from([0, 0, 0])), changes]),
  );
  await beginStreaming(peer.socket, start);
  const received: Buffer[] = [];
  await new Promise<void>((resolve) => {
    peer.socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      if (Buffer.concat(received).length >= changes.length) resolve();
    });
    peer.socket.resume();
  });
  expect(Buffer.concat(received).equals(changes)).toBe(true);
  peer.close();
});

it('rejects with what the server says', async () => {
  const peer = await answering(message('E', Buffer.from('SERROR\0C55006\0Mslot is active\0\0')));
  await expect(beginStreaming(peer.socket, start)).rejects.toMatchObject({
    code: '55006',
    message: 'Postgres: slot is active',
  });
  peer.close();
});

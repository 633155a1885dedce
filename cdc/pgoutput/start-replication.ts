import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Lsn } from '../change-source.ts';
import { formatLsn } from '../lsn.ts';
import { connect, queryMessage, serverError, takeOver } from '../wire/take-over.ts';

/** SQLSTATE of a slot that another connection still uses. */
const objectInUse = '55006';

export interface ReplicationStart {
  readonly url: string;
  readonly slot: string;
  readonly publication: string;
  /** 0 starts where the slot was last confirmed; the slot never goes back before that. */
  readonly from: Lsn;
  /** How long to wait for a slot that a dying predecessor still holds; 15 s by default. */
  readonly waitForSlotMs?: number;
}

/** A paused socket on which the server streams changes from the next byte on. */
export async function startReplication(start: ReplicationStart): Promise<Socket> {
  const deadline = Date.now() + (start.waitForSlotMs ?? 15_000);
  for (;;) {
    const client = await connect(start.url, { applicationName: `uco stream ${start.slot}`, replication: true });
    const socket = takeOver(client);
    try {
      await beginStreaming(socket, start);
      return socket;
    } catch (error) {
      socket.destroy();
      const code = (error as { code?: string }).code;
      if (code !== objectInUse || Date.now() > deadline) {
        throw new Error(`cannot stream from slot ${start.slot}: ${(error as Error).message}`, { cause: error });
      }
      await sleep(200);
    }
  }
}

/** Sends the command; resolves, with the socket paused before the first byte of the stream, once the server streams. */
export function beginStreaming(
  socket: Socket,
  start: Pick<ReplicationStart, 'slot' | 'publication' | 'from'>,
): Promise<void> {
  const names = pg.escapeLiteral(pg.escapeIdentifier(start.publication));
  socket.write(
    queryMessage(
      `START_REPLICATION SLOT ${pg.escapeIdentifier(start.slot)} LOGICAL ${formatLsn(start.from)} ` +
        `(proto_version '1', publication_names ${names}, messages 'true')`,
    ),
  );
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (error: Error | null) => {
      socket.off('data', onData).off('close', onClose);
      socket.pause();
      if (error) reject(error);
      else resolve();
    };
    const onClose = () => settle(new Error('the server closed the connection'));
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 5) {
        const end = 1 + received.readUInt32BE(1);
        if (received.length < end) return;
        const code = received[0];
        const body = received.subarray(5, end);
        received = received.subarray(end);
        if (code === 0x45) return settle(serverError(body));
        if (code === 0x57) {
          // First detached, then put back: a flowing socket would hand the bytes to this very listener, and they'd be lost.
          settle(null);
          if (received.length > 0) socket.unshift(received);
          return;
        }
      }
    };
    socket.on('data', onData).on('close', onClose);
    socket.resume();
  });
}
